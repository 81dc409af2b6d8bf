// Package parallel spreads the work on the images of a batch over threads.
//
// Do and ForEach give each index to one thread. What a loop leaves behind does
// not depend on how many threads there are: each index writes to places of its
// own. A panic on a thread becomes an error that says where it happened.
package parallel
