// Package intake takes in images that somebody else names: uploads, archives,
// folders of the server's machine.
//
// Whatever comes is untrusted. A name is a path with slashes, and only one that
// stays inside a folder on every system is used ([CleanName]); an archive is
// unpacked with the bytes counted as they come out, not as it claims; only
// files named like images are kept, and of these only what has the header of an
// image of a bounded size. What is refused is listed with the reason. Bounds on
// the whole batch end it with an error that wraps [ErrTooMuch].
package intake
