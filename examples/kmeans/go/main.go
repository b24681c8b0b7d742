//go:build wasip1

// Command go is k-means (Lloyd's algorithm) over images: see ../README.md for what comes in and out. One step is one iteration.
package main

import (
	"encoding/binary"
	"fmt"

	"github.com/gwrun/gwrun/sdk/go/gw"
	"github.com/gwrun/gwrun/sdk/go/tensor"
	"github.com/gwrun/gwrun/sdk/go/wgpu"
)

const (
	pixels       = 28 * 28
	classes      = 10
	mostImages   = 60000
	mostClusters = 256
	uploadImages = 64
)

var (
	n, k, iterations, iteration int

	points, norms, ones, centres *tensor.Tensor

	label   []byte
	cluster []uint32 // of each point, in the iteration before
	norm    []float32
	centre  []float32
)

// openIdx checks the header of an idx file of bytes of so many dimensions and gives its count of elements.
func openIdx(name string, dimensions, element int) (elements int, data *gw.Input) {
	in := gw.OpenInput(name)
	size := 4 + 4*dimensions
	head := in.Range(0, int64(size))
	word := func(i int) uint32 { return binary.BigEndian.Uint32(head[4*i:]) }
	if word(0) != uint32(0x800+dimensions) {
		gw.Failf("input %s: magic number %d, want %d, an idx file of bytes in %d dimensions", name, word(0), 0x800+dimensions, dimensions)
	}
	if dimensions == 3 && (word(2) != 28 || word(3) != 28) {
		gw.Failf("input %s: images of %d by %d, want 28 by 28", name, word(2), word(3))
	}
	want := int64(size) + int64(word(1))*int64(element)
	if word(1) == 0 || word(1) > mostImages || in.Size() != want {
		gw.Failf("input %s: %d bytes, %d elements, want 1 to %d of them in %d bytes", name, in.Size(), word(1), mostImages, want)
	}
	return int(word(1)), in
}

//go:wasmexport gw_init
func start() {
	images, in := openIdx("images", 3, pixels)
	labels, of := openIdx("labels", 1, 1)
	if labels != images {
		gw.Failf("input labels: %d, want as many as the %d images", labels, images)
	}
	n = int(gw.ArgU32("points", 2000, 1, uint32(images)))
	k = int(gw.ArgU32("k", 10, 1, uint32(min(n, mostClusters))))
	iterations = int(gw.ArgU32("iterations", 20, 1, 10000))
	label = of.Range(8, int64(n))
	for i, l := range label {
		if l >= classes {
			gw.Failf("input labels: label %d of image %d, want at most %d", l, i, classes-1)
		}
	}

	points = tensor.Zeros(n, pixels)
	loadPoints(in)
	norms = tensor.SumSqRows(points)
	norm = norms.F32()
	one := make([]float32, n)
	for i := range one {
		one[i] = 1
	}
	ones = tensor.FromF32(one, n)
	// The first centres are points, evenly spread over the file.
	for i := range k {
		at := i * (n / k)
		centre = append(centre, points.Rows(at, at+1).F32()...)
	}
	centres = tensor.FromF32(centre, k, pixels)
	cluster = make([]uint32, n)
}

// loadPoints uploads the first n images, from 0 to 1.
func loadPoints(images *gw.Input) {
	values := make([]float32, uploadImages*pixels)
	for from := 0; from < n; from += uploadImages {
		to := min(from+uploadImages, n)
		data := images.Range(16+int64(from)*pixels, int64(to-from)*pixels)
		for i, b := range data {
			values[i] = float32(b) / 255
		}
		rows := points.Rows(from, to)
		rows.WriteF32(values[:len(data)])
		rows.Release()
	}
}

// assign gives the nearest centre of every point, how far it is but for the point's own part, and the sum of the points of
// each centre: |p - c|^2 is |p|^2 + |c|^2 - 2 p c, of which the first is the same for all centres.
func assign() (index []uint32, least, sums []float32) {
	tensor.Scope(func() []*tensor.Tensor {
		products := tensor.MatMulWith(points, centres, tensor.MatMulOptions{TransposeB: true})
		distances := tensor.BiasAdd(tensor.Scale(products, -2), tensor.SumSqRows(centres))
		nearest := tensor.ArgMin(distances)
		members := tensor.Scatter(ones, nearest, k)
		totals := tensor.MatMulWith(members, points, tensor.MatMulOptions{TransposeA: true})
		least = tensor.MinRows(distances).F32()
		index = nearest.U32()
		sums = totals.F32()
		return nil
	})
	return index, least, sums
}

// moveCentres makes each centre the mean of its points; one without points stays.
func moveCentres(index []uint32, sums []float32) {
	count := make([]int, k)
	for _, j := range index {
		count[j]++
	}
	for i := range centre {
		if c := count[i/pixels]; c != 0 {
			centre[i] = sums[i] / float32(c)
		}
	}
	centres.WriteF32(centre)
}

// agreement is how many points are in a cluster whose most frequent label is theirs.
func agreement(index []uint32) (agree int) {
	of := make([][classes]int, k)
	for i, j := range index {
		of[j][label[i]]++
	}
	for _, counts := range of {
		most := 0
		for _, c := range counts {
			most = max(most, c)
		}
		agree += most
	}
	return agree
}

//go:wasmexport gw_step
func step() int32 {
	index, least, sums := assign()
	moved, inertia := 0, 0.0
	for i, j := range index {
		if iteration == 0 || j != cluster[i] {
			moved++
		}
		if distance := least[i] + norm[i]; distance > 0 {
			inertia += float64(distance)
		}
	}
	cluster = index
	rounded := uint64(inertia + 0.5)
	iteration++
	moveCentres(index, sums)
	gw.Logf("iteration %d: %d moved, inertia %d", iteration, moved, rounded)
	gw.Progress(float64(iteration)/float64(iterations), fmt.Sprint("iteration ", iteration))
	if moved != 0 && iteration < iterations {
		return gw.Again
	}

	gw.WriteOutput("centres", wgpu.Bytes(centre))
	clusters := make([]byte, n)
	for i, j := range index {
		clusters[i] = byte(j)
	}
	gw.WriteOutput("clusters", clusters)
	gw.WriteOutput("metrics.json", fmt.Appendf(nil, `{"points":%d,"k":%d,"iterations":%d,"moved":%d,"inertia":%d,"agree":%d}`+"\n",
		n, k, iteration, moved, rounded, agreement(index)))
	return gw.Done
}

func main() {}
