// Package job divides a scan into steps that many processes take, on one machine
// or on many, over a shared folder or an object store.
//
//	embed i     tokens of a block of images, and what is known of them
//	strip i     distances of a block of images to all others, and MuSc's scores
//	families    which groups share an anomaly, and which patches are taken out
//	mask i      scores of a block of images without these patches
//	finish      the result
//
// Steps with a number are independent of each other: an engine runs them as an
// array, in any order and as often as it likes. Each writes what it found and
// then a marker with the digest of that; a step whose marker is there is done,
// so that running a job again is how it is resumed, and two workers on one step
// write the same bytes twice.
//
// The bytes of the result are those of a scan of the same images by one process.
// That takes workers which are alike: the plan says which program, kernel and
// precision, and a worker of another one refuses.
package job
