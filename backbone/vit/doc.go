// Package vit runs vision transformers straight from their checkpoints: the
// CLIP image tower, DINO, DINOv2, DINOv3, SigLIP and plain ones, in Go.
//
// # Network
//
// An image is cut into patches of p × p pixels; a linear map makes a token of
// each. A class token and, in some families, register tokens go before them,
// a position embedding is added, and every block does (Dosovitskiy et al.,
// ICLR 2021)
//
//	x ← x + λ₁ ⊙ Attention(LayerNorm(x))
//	x ← x + λ₂ ⊙ MLP(LayerNorm(x))
//
// with LayerScale λ in the DINOv2 line only. What differs:
//
//	family   class  registers  position            MLP               tokens taken
//	CLIP     yes    -          learnt              QuickGELU, GELU   residual stream
//	DINO     yes    -          learnt              GELU              final norm applied
//	ViT      yes    -          learnt              GELU              final norm applied
//	DINOv2   yes    0 or 4     learnt              GELU, SwiGLU      final norm applied
//	DINOv3   yes    4          rotary              GELU, SwiGLU      final norm applied
//	SigLIP   -      -          learnt              GELU (tanh)       residual stream
//
// CLIP has one more norm before the first block. Tokens are taken after every
// quarter of the depth, blocks 5, 11, 17, 23 of 24 and 2, 5, 8, 11 of 12
// (MuSc, Li et al., 2024), as MuSc does it: the last column of the table is
// its choice for CLIP, DINO and DINOv2, and ours for the others. The class
// token has the final norm and, where the checkpoint holds it, CLIP's
// projection; CLIP's is scaled to unit length, since MuSc compares images by its
// cosine there, and by the inner product of the tokens as they are elsewhere.
//
// # Recognition
//
// [Open] needs to be told nothing. Tensor names say which layout a checkpoint
// has, and shapes how large the network is; see layouts. What is in neither, how
// many heads there are, which of its two activations a CLIP has, mean and
// standard deviation, constants such as the epsilon of norms, is taken from the
// files beside the checkpoint; see readers. They also say what the network is:
// one that is not implemented, or that contradicts the tensors, is refused.
// Without such files heads follow from the width, as in all published networks;
// a plain network is taken for DINO; and a single-precision CLIP whose matrices
// all fit half precision exactly was trained by OpenAI, which published halves,
// and has QuickGELU. What had to be assumed is listed in [Arch].Assumed.
//
// # Position
//
// For another size than that of training, the learnt embedding is resized
// bicubically (a = −0.75), align_corners=false: by size for CLIP and SigLIP;
// by the factor (n + 0.1)/n₀ for DINO and DINOv2, as their own code does, and
// plain networks; with
// antialiasing (a = −0.5) for DINOv2 with registers, as theirs does. Rotary
// embeddings need no resizing.
//
// # Numbers
//
// Everything is in single precision, but for the linear layers of the blocks
// with Options.Fast: those multiply numbers of 16 bits, in bfloat16 or integers
// in units of a column of weights and a row of activations (package gemm).
// LayerScale is folded into the linear layer before it, the attention's 1/√d
// into its queries. F16 and BF16 weights are widened exactly. A weight that is
// not finite is an error.
//
// # Computation
//
// Rows are worked through in bands that stay in the cache: norm, fused QKV;
// then, head by head and band by band, scores, softmax and values, so that of
// the P × P scores a band of one head exists at a time; then norm, expansion,
// activation and contraction. An image is one goroutine's; several images may
// be in flight, each with scratch memory of its own.
package vit
