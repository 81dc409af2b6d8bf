// Package backbone says what a feature network must offer: patch tokens per
// layer for one prepared image, and a description of itself.
package backbone
