// Package hub fetches checkpoints from a model hub that speaks the Hugging Face
// protocol, into the cache that its own tools use, so that neither fetches what
// the other has.
//
// # Protocol
//
// HEAD {endpoint}/{repository}/resolve/{revision}/{file} answers with the commit
// (X-Repo-Commit), the size (X-Linked-Size, or Content-Length) and the digest
// (X-Linked-Etag, or ETag): SHA-256 of a large file, Git's SHA-1 of a small one.
// GET gives the file, often by a redirect to another host, to which the token is
// not sent; Range resumes it. A file counts when its size and digest are right.
//
// # Cache
//
//	models--{owner}--{name}/refs/{revision}         the commit
//	models--{owner}--{name}/blobs/{digest}          a file; .incomplete: a part of one
//	models--{owner}--{name}/snapshots/{commit}/…    links to the blobs by name
//
// # Environment
//
// HF_ENDPOINT, HF_TOKEN, HF_HOME, HF_HUB_CACHE and HF_HUB_OFFLINE mean what they
// do to the hub's own tools. Nothing is fetched but by [Client.Pull].
package hub
