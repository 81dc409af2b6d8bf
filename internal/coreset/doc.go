// Package coreset chooses the images of a gallery: a few that stand for all.
//
// KCenterGreedy is the greedy solution of the k-centre problem (Gonzalez 1985),
// as PatchCore uses it for patches (Roth et al. 2022): it always chooses the point
// that is farthest from those chosen before. Rare variants of a part are therefore
// among the chosen ones. Here a point is an image, described by Descriptor.
package coreset
