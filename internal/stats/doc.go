// Package stats holds the few order statistics that the program uses, each
// once. Functions leave their arguments as they are unless they say otherwise.
package stats
