// Package effnet holds the embedded backbones: EfficientNet-Lite, small
// convolutional networks pretrained on ImageNet, in pure Go with their weights
// inside the binary: Lite0, the default, and Lite2. Each name of [Names] stands for
// weights, the layers that are read and the neighbourhoods they are averaged over.
//
// # Network
//
// EfficientNet-Lite (Liu 2020; EfficientNet: Tan and Le, ICML 2019) is a
// chain of inverted bottlenecks (MBConv, Sandler et al., CVPR 2018) without
// squeeze-and-excitation and with ReLU6 in place of swish:
//
//	stem     3×3 convolution, stride 2, ReLU6
//	MBConv   1×1 expansion to t·C channels, ReLU6
//	         k×k depthwise convolution, stride s, ReLU6
//	         1×1 projection, linear
//	         + input, where shapes agree
//
// Blocks are grouped in stages; the output of a stage's last block is a
// layer that can be tapped, as it is or averaged over the positions around each
// (stage5/3: over 3 × 3; at the border over those that exist). Strides in pixels
// of the input, channels and blocks, for Lite0 and Lite2:
//
//	layer    stride  channels  kernel  blocks
//	stage1        2   16,  16     3×3    1, 1
//	stage2        4   24,  24     3×3    2, 3
//	stage3        8   40,  48     5×5    2, 3
//	stage4       16   80,  88     3×3    3, 4
//	stage5       16  112, 120     5×5    3, 4
//	stage6       32  192, 208     5×5    4, 5
//	stage7       32  320, 352     3×3    1, 1
//
// The embedded files hold stages 1 to 5; [New] accepts files with more. Only
// the blocks up to the deepest tapped stage are computed.
//
// # Padding
//
// Convolutions pad as TensorFlow's SAME does, from the actual size of their
// input: with i input and o = ⌈i/s⌉ output positions, (o−1)·s + k − i zeros
// in all, the smaller half of them before the first position. This is what
// the network was trained with. An input side that is a multiple of the
// stride is therefore padded asymmetrically, (0, 1) for the stem.
//
// # Preparation
//
// Unlike the original EfficientNet, Lite was trained on (v − 127)/128 for v
// in 0…255, which [Network.Info] expresses for RGB in [0, 1].
//
// # Numbers
//
// Batch norms (eps 1e-3) are folded into the convolutions in double
// precision. Weights are stored in half precision and biases in single; all
// arithmetic is single precision. On the two test images, rounding changes
// activations by up to 0.46 % of the layer's greatest magnitude against the
// published single-precision weights (Lite0; Lite2 0.30 %); against the reference with equally
// rounded weights the difference is below 1e-5.
//
// # Computation
//
// Activations are channels-last, [H][W][C], so that a 1×1 convolution is a
// matrix product and a map is already a list of tokens. A block is computed
// in bands of a few rows: expand the rows that the band needs into a
// zero-bordered window, run the depthwise convolution over it, project. The
// expanded activations, six times the size of everything else, thus never
// exist as a whole and stay in the cache. See band in mbconv.go.
//
// What a network does beside products runs in assembly for AVX-512 and AVX2,
// which gives the same bytes as the portable code: see internal/_gen.
package effnet

//go:generate sh -c "cd ../../internal/_gen && go run ./effnet -out ../../backbone/effnet/effnet_amd64.s -stubs ../../backbone/effnet/stubs_amd64.go -pkg effnet"
