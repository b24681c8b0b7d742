package jobfile

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime/trace"
)

// A Receipt is a receipt with all that is needed to check it: the program it is about, the record of every interval,
// and, as far as they were kept, the accounts of what happened in each.
type Receipt struct {
	Program   msg.Program
	Receipt   msg.Receipt
	Intervals []msg.Interval
	// Details are the accounts by interval number.
	Details map[uint64]*trace.Detail
}

// A receipt file is this line, then a sequence of items, each a length (8 bytes, little-endian) and so many bytes of
// CBOR: the head, then the details in the order of their intervals.
var receiptMagic = []byte("gwrun receipt 1\n")

type receiptHead struct {
	Program   msg.Program    `cbor:"1,keyasint"`
	Receipt   msg.Receipt    `cbor:"2,keyasint"`
	Intervals []msg.Interval `cbor:"3,keyasint"`
}

// ErrFormat is wrapped by every refusal of a receipt or checkpoint file's contents.
var ErrFormat = errors.New("file refused")

// WriteReceipt writes a receipt file in one piece: path holds the old file or the whole new one.
func WriteReceipt(path string, r *Receipt) error {
	return WriteFile(path, func(w io.Writer) error { return r.Write(w) })
}

// Write writes the receipt as a receipt file has it.
func (r *Receipt) Write(w io.Writer) error {
	if _, err := w.Write(receiptMagic); err != nil {
		return err
	}
	if err := writeItem(w, msg.Encode(receiptHead{r.Program, r.Receipt, r.Intervals})); err != nil {
		return err
	}
	for i := range r.Intervals {
		if d := r.Details[r.Intervals[i].Index]; d != nil {
			if err := writeItem(w, d.Encode()); err != nil {
				return err
			}
		}
	}
	return nil
}

// OpenReceipt reads a receipt file.
func OpenReceipt(path string) (*Receipt, error) {
	f, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, err := ReadReceipt(bufio.NewReader(f))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, plain(err))
	}
	return r, nil
}

// ReadReceipt reads a receipt file and checks that its parts belong together: the records give the receipt's trace
// root, the receipt names the program. What it claims is not checked; that is what replaying is for.
func ReadReceipt(from io.Reader) (*Receipt, error) {
	if err := readMagic(from, receiptMagic); err != nil {
		return nil, err
	}
	var head receiptHead
	if err := readItem(from, &head); err != nil {
		if errors.Is(err, io.EOF) {
			err = fmt.Errorf("%w: it ends after its first line", ErrFormat)
		}
		return nil, err
	}
	r := &Receipt{Program: head.Program, Receipt: head.Receipt, Intervals: head.Intervals, Details: map[uint64]*trace.Detail{}}
	if got := msg.HashOf(r.Program); got != r.Receipt.Program {
		return nil, fmt.Errorf("%w: the receipt is for program %v, the program beside it is %v", ErrFormat, r.Receipt.Program, got)
	}
	if got := trace.Root(r.Intervals); got != r.Receipt.Trace {
		return nil, fmt.Errorf("%w: the records have the trace root %v, the receipt says %v", ErrFormat, got, r.Receipt.Trace)
	}
	for i := range r.Intervals {
		if r.Intervals[i].Index != uint64(i) {
			return nil, fmt.Errorf("%w: record %d says that it is of interval %d", ErrFormat, i, r.Intervals[i].Index)
		}
	}
	last := -1
	for {
		b, err := readBytes(from)
		if errors.Is(err, io.EOF) {
			return r, nil
		}
		if err != nil {
			return nil, err
		}
		d, err := trace.Decode(b)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrFormat, err)
		}
		if d.Interval >= uint64(len(r.Intervals)) || int(d.Interval) <= last {
			return nil, fmt.Errorf("%w: the account of interval %d does not follow", ErrFormat, d.Interval)
		}
		last = int(d.Interval)
		r.Details[d.Interval] = d
	}
}

func readMagic(from io.Reader, magic []byte) error {
	got := make([]byte, len(magic))
	if _, err := io.ReadFull(from, got); err != nil || !bytes.Equal(got, magic) {
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return err
		}
		return fmt.Errorf("%w: it does not begin with %q", ErrFormat, magic)
	}
	return nil
}

func writeItem(w io.Writer, b []byte) error {
	var n [8]byte
	binary.LittleEndian.PutUint64(n[:], uint64(len(b)))
	if _, err := w.Write(n[:]); err != nil {
		return err
	}
	_, err := w.Write(b)
	return err
}

// readBytes reads one item; io.EOF only if there is none.
func readBytes(from io.Reader) ([]byte, error) {
	var n [8]byte
	if _, err := io.ReadFull(from, n[:]); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, fmt.Errorf("%w: it is cut short", ErrFormat)
		}
		return nil, err
	}
	size := binary.LittleEndian.Uint64(n[:])
	if size > msg.MaxEncoded {
		return nil, fmt.Errorf("%w: an item of %d bytes, at most %d wanted", ErrFormat, size, msg.MaxEncoded)
	}
	// Grown as it is read: a length alone must not cost memory.
	var b bytes.Buffer
	if got, err := io.CopyN(&b, from, int64(size)); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%w: it is cut short: %d bytes of an item of %d", ErrFormat, got, size)
		}
		return nil, err
	}
	return b.Bytes(), nil
}

func readItem(from io.Reader, v any) error {
	b, err := readBytes(from)
	if err != nil {
		return err
	}
	if err := msg.Decode(b, v); err != nil {
		return fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return nil
}

func openRegular(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, plain(err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: not a regular file", path)
	}
	f, err := os.Open(path)
	return f, plain(err)
}
