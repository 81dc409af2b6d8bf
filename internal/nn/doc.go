// Package nn holds the nonlinear functions between the matrix products of a
// transformer, a row at a time: the softmax of attention and the activations.
//
// exp is Cephes' expf (relative error 2e-7); erf is Abramowitz and Stegun
// 7.1.26 (absolute error 1.5e-7), in the form max(v, 0) − |v|·q, which loses
// no digits for negative v. QuickGELU, SiLU and the tanh form of GELU are
// v·σ(v·(c₁ + c₃·v²)) with constants of their own.
//
// Package cpu names the instructions in use: AVX-512, AVX2 with FMA or portable
// Go. A result depends on them.
package nn

//go:generate sh -c "cd ../_gen && go run ./gemm -functions -out ../nn/nn_amd64.s -stubs ../nn/stubs_amd64.go -pkg nn"
