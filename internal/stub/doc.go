// Package stub has a network and images for tests of what lies behind the
// network: quick, and without files.
package stub
