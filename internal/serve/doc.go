// Package serve is the web application: it takes batches of images from a
// browser or a program, scores them one batch after the other, shows how far
// the work is, and keeps what came of it.
//
// # Parts
//
// A [Server] has a history (package store), one worker that takes runs from its
// queue, a hub that tells whoever listens what changes, and an HTTP interface.
// Images come in through package intake, results go out through package report,
// whose page is also the page of a run. The scoring itself is behind [Engine].
// The page is in web/src/serve, in TypeScript, built into serve/page.
//
// The interface is described in openapi.json (OpenAPI 3.1), which is served, and
// which the tests hold against the routes and the answers.
//
// # What it guards against
//
// Everything that comes over the network is untrusted, and so is every page that
// the user's browser has open beside this one:
//
//   - Names in uploads and archives, sizes, numbers and pixels are bounded by
//     package intake; files are read back through an os.Root, never listed.
//   - The Host header must be an address, localhost or a name that was allowed:
//     a foreign name that resolves to this machine (DNS rebinding) is refused.
//   - Requests that change something and come from another origin are refused
//     (http.CrossOriginProtection).
//   - Where a token is set, and it must be on any address but the loopback, every
//     request but those for health and for signing in must carry it, as a bearer
//     token or in a cookie made from it. It is compared in constant time.
//   - Pages run their own script and style and nothing else, and name no other
//     machine (Content-Security-Policy); files that were uploaded are sandboxed.
//   - Connections that are slow have an end; an upload may take long as long as
//     bytes arrive.
//
// # Crashes
//
// A run is in the database before its submission is answered, and its output is
// published whole or not at all. A server that was killed marks the run it was
// at as interrupted when it starts again and goes on with the queue.
package serve
