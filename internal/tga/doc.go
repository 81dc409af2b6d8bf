// Package tga reads Truevision TGA files (Truevision, TGA File Format
// Specification 2.0): grey, palette and true colour, plain and run-length
// encoded. No reader of them that is kept is to be had as a module.
package tga
