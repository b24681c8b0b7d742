#include "textflag.h"

// SHA-256 of sixteen messages at once (FIPS 180-4, section 6.2.2), a message in each 32-bit lane of the 512-bit registers.
//
//	Z0-Z7    a to h
//	Z8-Z23   the sixteen words of the schedule at hand
//	Z24-Z27, Z29-Z31  scratch
//	Z28      the order of bytes that makes big-endian words

DATA swap<>+0(SB)/8, $0x0405060700010203
DATA swap<>+8(SB)/8, $0x0c0d0e0f08090a0b
GLOBL swap<>(SB), RODATA|NOPTR, $16

// One row of each message, its words made little-endian.
#define ROW(lane, z) \
	MOVQ (lane*8)(BX), R8; \
	VMOVDQU32 (R8)(R9*1), z; \
	VPSHUFB Z28, z, z

// Four rows become four columns of four words in each 128-bit quarter.
#define QUARTERS(x0, x1, x2, x3) \
	VPUNPCKLDQ x1, x0, Z24; \
	VPUNPCKHDQ x1, x0, Z25; \
	VPUNPCKLDQ x3, x2, Z26; \
	VPUNPCKHDQ x3, x2, Z27; \
	VPUNPCKLQDQ Z26, Z24, x0; \
	VPUNPCKHQDQ Z26, Z24, x1; \
	VPUNPCKLQDQ Z27, Z25, x2; \
	VPUNPCKHQDQ Z27, Z25, x3

// The quarters of four registers are transposed.
#define COLUMNS(x0, x1, x2, x3) \
	VSHUFI32X4 $0x88, x1, x0, Z24; \
	VSHUFI32X4 $0x88, x3, x2, Z25; \
	VSHUFI32X4 $0xdd, x1, x0, Z26; \
	VSHUFI32X4 $0xdd, x3, x2, Z27; \
	VSHUFI32X4 $0x88, Z25, Z24, x0; \
	VSHUFI32X4 $0x88, Z27, Z26, x1; \
	VSHUFI32X4 $0xdd, Z25, Z24, x2; \
	VSHUFI32X4 $0xdd, Z27, Z26, x3

// One round. Ternary logic 0x96 is the exclusive or of three, 0xca chooses, 0xe8 is the majority. What hangs on the newest
// word, e, is added last: the rounds wait for each other, and that chain is what they take.
#define ROUND(a, b, c, d, e, f, g, h, w, k) \
	VPADDD.BCST (k*4)(DX), h, h; \
	VPRORD $6, e, Z24; \
	VPRORD $11, e, Z25; \
	VPRORD $25, e, Z26; \
	VMOVDQA32 e, Z27; \
	VPADDD w, h, h; \
	VPTERNLOGD $0xca, g, f, Z27; \
	VPTERNLOGD $0x96, Z26, Z25, Z24; \
	VPADDD Z27, h, h; \
	VPRORD $2, a, Z29; \
	VPRORD $13, a, Z30; \
	VPRORD $22, a, Z31; \
	VPADDD Z24, h, h; \
	VMOVDQA32 a, Z27; \
	VPTERNLOGD $0xe8, c, b, Z27; \
	VPTERNLOGD $0x96, Z31, Z30, Z29; \
	VPADDD h, d, d; \
	VPADDD Z27, Z29, Z29; \
	VPADDD Z29, h, h

// The word sixteen rounds on takes the place of w; w1, w9 and w14 are those so many rounds on from it.
#define NEXT(w, w1, w9, w14) \
	VPADDD w9, w, w; \
	VPRORD $7, w1, Z24; \
	VPRORD $18, w1, Z25; \
	VPSRLD $3, w1, Z26; \
	VPTERNLOGD $0x96, Z26, Z25, Z24; \
	VPADDD Z24, w, w; \
	VPRORD $17, w14, Z24; \
	VPRORD $19, w14, Z25; \
	VPSRLD $10, w14, Z26; \
	VPTERNLOGD $0x96, Z26, Z25, Z24; \
	VPADDD Z24, w, w

// func compress16(state *[8][16]uint32, messages *[16]*byte, blocks int, k *[64]uint32)
TEXT ·compress16(SB), NOSPLIT, $0-32
	MOVQ state+0(FP), AX
	MOVQ messages+8(FP), BX
	MOVQ blocks+16(FP), CX
	MOVQ k+24(FP), DI
	XORQ R9, R9
	VBROADCASTI32X4 swap<>(SB), Z28
	VMOVDQU32 0(AX), Z0
	VMOVDQU32 64(AX), Z1
	VMOVDQU32 128(AX), Z2
	VMOVDQU32 192(AX), Z3
	VMOVDQU32 256(AX), Z4
	VMOVDQU32 320(AX), Z5
	VMOVDQU32 384(AX), Z6
	VMOVDQU32 448(AX), Z7

block:
	ROW(0, Z8)
	ROW(1, Z9)
	ROW(2, Z10)
	ROW(3, Z11)
	ROW(4, Z12)
	ROW(5, Z13)
	ROW(6, Z14)
	ROW(7, Z15)
	ROW(8, Z16)
	ROW(9, Z17)
	ROW(10, Z18)
	ROW(11, Z19)
	ROW(12, Z20)
	ROW(13, Z21)
	ROW(14, Z22)
	ROW(15, Z23)
	QUARTERS(Z8, Z9, Z10, Z11)
	QUARTERS(Z12, Z13, Z14, Z15)
	QUARTERS(Z16, Z17, Z18, Z19)
	QUARTERS(Z20, Z21, Z22, Z23)
	COLUMNS(Z8, Z12, Z16, Z20)
	COLUMNS(Z9, Z13, Z17, Z21)
	COLUMNS(Z10, Z14, Z18, Z22)
	COLUMNS(Z11, Z15, Z19, Z23)

	MOVQ DI, DX
	MOVQ $3, R10

rounds:
	ROUND(Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z8, 0)
	NEXT(Z8, Z9, Z17, Z22)
	ROUND(Z7, Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z9, 1)
	NEXT(Z9, Z10, Z18, Z23)
	ROUND(Z6, Z7, Z0, Z1, Z2, Z3, Z4, Z5, Z10, 2)
	NEXT(Z10, Z11, Z19, Z8)
	ROUND(Z5, Z6, Z7, Z0, Z1, Z2, Z3, Z4, Z11, 3)
	NEXT(Z11, Z12, Z20, Z9)
	ROUND(Z4, Z5, Z6, Z7, Z0, Z1, Z2, Z3, Z12, 4)
	NEXT(Z12, Z13, Z21, Z10)
	ROUND(Z3, Z4, Z5, Z6, Z7, Z0, Z1, Z2, Z13, 5)
	NEXT(Z13, Z14, Z22, Z11)
	ROUND(Z2, Z3, Z4, Z5, Z6, Z7, Z0, Z1, Z14, 6)
	NEXT(Z14, Z15, Z23, Z12)
	ROUND(Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z0, Z15, 7)
	NEXT(Z15, Z16, Z8, Z13)
	ROUND(Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z16, 8)
	NEXT(Z16, Z17, Z9, Z14)
	ROUND(Z7, Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z17, 9)
	NEXT(Z17, Z18, Z10, Z15)
	ROUND(Z6, Z7, Z0, Z1, Z2, Z3, Z4, Z5, Z18, 10)
	NEXT(Z18, Z19, Z11, Z16)
	ROUND(Z5, Z6, Z7, Z0, Z1, Z2, Z3, Z4, Z19, 11)
	NEXT(Z19, Z20, Z12, Z17)
	ROUND(Z4, Z5, Z6, Z7, Z0, Z1, Z2, Z3, Z20, 12)
	NEXT(Z20, Z21, Z13, Z18)
	ROUND(Z3, Z4, Z5, Z6, Z7, Z0, Z1, Z2, Z21, 13)
	NEXT(Z21, Z22, Z14, Z19)
	ROUND(Z2, Z3, Z4, Z5, Z6, Z7, Z0, Z1, Z22, 14)
	NEXT(Z22, Z23, Z15, Z20)
	ROUND(Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z0, Z23, 15)
	NEXT(Z23, Z8, Z16, Z21)
	ADDQ $64, DX
	DECQ R10
	JNZ  rounds

	ROUND(Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z8, 0)
	ROUND(Z7, Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z9, 1)
	ROUND(Z6, Z7, Z0, Z1, Z2, Z3, Z4, Z5, Z10, 2)
	ROUND(Z5, Z6, Z7, Z0, Z1, Z2, Z3, Z4, Z11, 3)
	ROUND(Z4, Z5, Z6, Z7, Z0, Z1, Z2, Z3, Z12, 4)
	ROUND(Z3, Z4, Z5, Z6, Z7, Z0, Z1, Z2, Z13, 5)
	ROUND(Z2, Z3, Z4, Z5, Z6, Z7, Z0, Z1, Z14, 6)
	ROUND(Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z0, Z15, 7)
	ROUND(Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z16, 8)
	ROUND(Z7, Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z17, 9)
	ROUND(Z6, Z7, Z0, Z1, Z2, Z3, Z4, Z5, Z18, 10)
	ROUND(Z5, Z6, Z7, Z0, Z1, Z2, Z3, Z4, Z19, 11)
	ROUND(Z4, Z5, Z6, Z7, Z0, Z1, Z2, Z3, Z20, 12)
	ROUND(Z3, Z4, Z5, Z6, Z7, Z0, Z1, Z2, Z21, 13)
	ROUND(Z2, Z3, Z4, Z5, Z6, Z7, Z0, Z1, Z22, 14)
	ROUND(Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z0, Z23, 15)

	VPADDD 0(AX), Z0, Z0
	VPADDD 64(AX), Z1, Z1
	VPADDD 128(AX), Z2, Z2
	VPADDD 192(AX), Z3, Z3
	VPADDD 256(AX), Z4, Z4
	VPADDD 320(AX), Z5, Z5
	VPADDD 384(AX), Z6, Z6
	VPADDD 448(AX), Z7, Z7
	VMOVDQU32 Z0, 0(AX)
	VMOVDQU32 Z1, 64(AX)
	VMOVDQU32 Z2, 128(AX)
	VMOVDQU32 Z3, 192(AX)
	VMOVDQU32 Z4, 256(AX)
	VMOVDQU32 Z5, 320(AX)
	VMOVDQU32 Z6, 384(AX)
	VMOVDQU32 Z7, 448(AX)
	ADDQ $64, R9
	DECQ CX
	JNZ  block
	VZEROUPPER
	RET
