// Package torchfile reads what PyTorch's torch.save writes (.pth, .pt, .bin,
// .ckpt), in both of its containers, and gives the tensors of the network in
// it. Nothing in such a file can run.
//
// # Containers
//
// Since release 1.6, a ZIP archive of uncompressed entries:
//
//	NAME/data.pkl    a pickle of the object that was saved
//	NAME/data/KEY    a storage: the numbers of one tensor or of several
//	NAME/byteorder   "little", where it is there
//
// Before, and since with _use_new_zipfile_serialization=False, pickles one
// after the other: a magic number, the version of the protocol (1001), facts
// about the machine, the object, and the keys of its storages in order; then of
// each storage the number of elements, 8 bytes, and the elements. Both hold
// numbers as the machine had them; those of a big-endian one are refused, and the
// tar archives of releases before 0.2.
//
// An archive of TorchScript (torch.jit.save), as OpenAI's own files of CLIP are,
// has the same entries, and constants.pkl and code beside them. Its pickle makes
// objects of types that the code defines: here each is a bag of attributes, and
// the tensors among them go by their dotted names, as state_dict() has them. The
// code is not looked at.
//
// # Pickles
//
// A pickle is a program for a stack machine, and Python's runs whatever
// function it names. Here nothing is called: a short list of instructions
// builds numbers, strings, lists, tuples and dictionaries, and a short list of
// names (see globals) stands for the few things that a state dict is made of:
// storages, the rebuilding of a tensor, ordered dictionaries. Any other
// instruction or name is an error that says which. A pickle is bounded in size,
// and what it builds by its size: each instruction makes at most one object,
// and a tensor is a view of a storage, so that no object is copied. Objects may
// contain themselves; what walks them does so to a fixed depth.
//
// # State dicts
//
// What a training run saves is more than the network. The tensors are those of
// the dictionary itself or of the one in it under a usual key (see wrappers):
// of a teacher and a student, the teacher's, as the authors of DINO do.
// Dictionaries of several networks otherwise are refused: which one is meant is
// the user's to say. Storages that tensors share, and tensors that are not
// row-major, are read as they are.
package torchfile
