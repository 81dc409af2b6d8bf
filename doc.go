// Package codegraph finds defective parts in an unlabelled batch of images.
package codegraph
