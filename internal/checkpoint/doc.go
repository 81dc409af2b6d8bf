// Package checkpoint opens the weights of a network, whatever of the usual
// formats they are stored in: memory-mapped, checked, used in place.
//
// A file's content decides what it is, not its name: safetensors (see
// [codegraph/internal/checkpoint/safetensors]) or what PyTorch's torch.save
// writes (see [codegraph/internal/checkpoint/torchfile]). A large checkpoint is
// split into shards, files of one of these formats, beside an index,
// "….index.json", whose weight_map says which shard holds which tensor. An
// index names files beside it only.
//
// What is often found in a checkpoint's place, the pointer of a large file in
// a Git repository, a web page, an error message as JSON, is called that.
package checkpoint
