package tensor

import "github.com/gwrun/gwrun/sdk/go/lib"

// What reduce_rows and reduce_columns make of a row or column.
const (
	sum uint32 = iota
	sumOfSquares
	greatest
	least
)

// block is how many elements a row has where everything is reduced to one number.
const block = 4096

// perRow is the shape of one number for each row.
func perRow(x *Tensor) []int {
	if len(x.shape) == 1 {
		return []int{1}
	}
	return x.shape[:len(x.shape)-1]
}

func reduceRows(op string, x *Tensor, kind uint32, mean bool) *Tensor {
	x.want(op, "x", F32)
	rows, n := x.lines()
	y := newTensor(op, F32, perRow(x)...)
	p := lib.ReduceRows{Rows: uint32(rows), N: uint32(n), Total: size(x), Divide: 1, Kind: kind}
	if mean {
		p.Divide = float32(n)
	}
	run(p, x, y)
	return y
}

// SumRows gives the sum of each row: the shape without its last dimension, [1] of a single row. So do MeanRows, MaxRows,
// MinRows and SumSqRows.
func SumRows(x *Tensor) *Tensor { return reduceRows("sum_rows", x, sum, false) }

// MeanRows gives the mean of each row.
func MeanRows(x *Tensor) *Tensor { return reduceRows("mean_rows", x, sum, true) }

// MaxRows gives the greatest element of each row.
func MaxRows(x *Tensor) *Tensor { return reduceRows("max_rows", x, greatest, false) }

// MinRows gives the least element of each row.
func MinRows(x *Tensor) *Tensor { return reduceRows("min_rows", x, least, false) }

// SumSqRows gives the sum of the squares of each row.
func SumSqRows(x *Tensor) *Tensor { return reduceRows("sumsq_rows", x, sumOfSquares, false) }

// SumColumns gives the sum of each column over all rows: [n].
func SumColumns(x *Tensor) *Tensor { return reduceColumns("sum_columns", x, false) }

// MeanColumns gives the mean of each column over all rows: [n].
func MeanColumns(x *Tensor) *Tensor { return reduceColumns("mean_columns", x, true) }

func reduceColumns(op string, x *Tensor, mean bool) (y *Tensor) {
	x.want(op, "x", F32)
	rows, n := x.lines()
	p := lib.ReduceColumns{N: uint32(n), Divide: 1}
	Scope(func() []*Tensor {
		from := x
		for left := rows; ; {
			p.Rows = uint32(left)
			left = (left + 255) / 256
			shape := []int{left, n}
			if left == 1 {
				shape = []int{n}
				if mean {
					p.Divide = float32(rows)
				}
			}
			y = newTensor(op, F32, shape...)
			run(p, from, y)
			if left == 1 {
				return []*Tensor{y}
			}
			from = y
		}
	})
	return y
}

// SumSquares gives the sum of the squares of all elements: [1].
func SumSquares(x *Tensor) (y *Tensor) {
	x.want("sum_squares", "x", F32)
	Scope(func() []*Tensor {
		y = reduceBlocks("sum_squares", x, sumOfSquares, 1)
		for y.Count() > 1 {
			y = reduceBlocks("sum_squares", y, sum, 1)
		}
		return []*Tensor{y}
	})
	return y
}

// reduceBlocks reduces every 4096 elements to one, dividing by divide where only one is left.
func reduceBlocks(op string, x *Tensor, kind uint32, divide float32) *Tensor {
	rows := (x.Count() + block - 1) / block
	if rows > 1 {
		divide = 1
	}
	y := newTensor(op, F32, rows)
	run(lib.ReduceRows{Rows: uint32(rows), N: block, Total: size(x), Divide: divide, Kind: kind}, x, y)
	return y
}

// ArgMax gives the column of each row's greatest element (u32), the first of equals.
func ArgMax(x *Tensor) *Tensor { return argmax("argmax", x, false) }

// ArgMin gives the column of each row's least element (u32), the first of equals.
func ArgMin(x *Tensor) *Tensor { return argmax("argmin", x, true) }

func argmax(op string, x *Tensor, least bool) *Tensor {
	x.want(op, "x", F32)
	rows, n := x.lines()
	y := newTensor(op, U32, perRow(x)...)
	run(lib.Argmax{Rows: uint32(rows), N: uint32(n), Least: least}, x, y)
	return y
}
