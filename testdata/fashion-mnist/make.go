// Command fashion-mnist cuts the small data set of this folder out of the full Fashion-MNIST: the first 5,000 training
// and the first 1,000 test images with their labels, uncompressed, in the idx format of the originals.
//
//	go run ./testdata/fashion-mnist -from /usr/share/datasets/fashion-mnist -to testdata/fashion-mnist
//
// The originals are in Debian's package dataset-fashion-mnist, or from the project itself (see README.md).
package main

import (
	"compress/gzip"
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// The idx format is: two zero bytes, the element type (8 is a byte), the number of dimensions, then each dimension as
// a big-endian uint32, then the elements.
const (
	idxLabels = 0x0801
	idxImages = 0x0803
)

var files = []struct {
	from, to string
	magic    uint32
	count    uint32
}{
	{"train-images-idx3-ubyte.gz", "train-images.idx", idxImages, 5000},
	{"train-labels-idx1-ubyte.gz", "train-labels.idx", idxLabels, 5000},
	{"t10k-images-idx3-ubyte.gz", "test-images.idx", idxImages, 1000},
	{"t10k-labels-idx1-ubyte.gz", "test-labels.idx", idxLabels, 1000},
}

func main() {
	from := flag.String("from", "/usr/share/datasets/fashion-mnist", "folder of the full data set")
	to := flag.String("to", "testdata/fashion-mnist", "folder to write to")
	flag.Parse()
	for _, f := range files {
		if err := cut(filepath.Join(*from, f.from), filepath.Join(*to, f.to), f.magic, f.count); err != nil {
			fmt.Fprintln(os.Stderr, "fashion-mnist:", err)
			os.Exit(1)
		}
	}
}

// cut copies the first count elements along the first dimension of the gzipped idx file from to the file to.
func cut(from, to string, magic, count uint32) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	z, err := gzip.NewReader(in)
	if err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	var head [2]uint32
	if err := binary.Read(z, binary.BigEndian, &head); err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	if head[0] != magic {
		return fmt.Errorf("%s: magic number 0x%08x, want 0x%08x", from, head[0], magic)
	}
	if head[1] < count {
		return fmt.Errorf("%s: %d elements, want at least %d", from, head[1], count)
	}
	out := binary.BigEndian.AppendUint32(nil, magic)
	out = binary.BigEndian.AppendUint32(out, count)
	size := count
	for range int(magic&0xff) - 1 {
		var dim uint32
		if err := binary.Read(z, binary.BigEndian, &dim); err != nil {
			return fmt.Errorf("%s: %w", from, err)
		}
		if dim != 28 {
			return fmt.Errorf("%s: images of %d pixels a side, want 28", from, dim)
		}
		out = binary.BigEndian.AppendUint32(out, dim)
		size *= dim
	}
	at := len(out)
	out = append(out, make([]byte, size)...)
	if _, err := io.ReadFull(z, out[at:]); err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	return os.WriteFile(to, out, 0o644)
}
