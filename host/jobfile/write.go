package jobfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// WriteFile makes or replaces a file in one piece: whatever happens, path holds what it held before or all that write
// wrote. It is on the disk when WriteFile returns. A path that is a device or a pipe is written to as it is.
func WriteFile(path string, write func(io.Writer) error) (err error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		if info.IsDir() {
			return fmt.Errorf("%s: is a folder, want a file", path)
		}
		return writeThrough(path, write)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".gwrun-*")
	if err != nil {
		var p *fs.PathError
		if errors.As(err, &p) { // the temporary file's name says nothing to anyone
			return fmt.Errorf("%s: %w", path, p.Err)
		}
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	b := bufio.NewWriterSize(f, 1<<16)
	if err := write(b); err != nil {
		return plain(err)
	}
	if err := b.Flush(); err != nil {
		return plain(err)
	}
	if err := f.Chmod(0o644); err != nil {
		return plain(err)
	}
	if err := f.Sync(); err != nil {
		return plain(err)
	}
	if err := f.Close(); err != nil {
		return plain(err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return plain(err)
	}
	return syncFolder(filepath.Dir(path))
}

// writeThrough writes to what stands at path.
func writeThrough(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return plain(err)
	}
	b := bufio.NewWriterSize(f, 1<<16)
	if err = write(b); err == nil {
		err = b.Flush()
	}
	return plain(errors.Join(err, f.Close()))
}

// syncFolder makes a rename in a folder last. Not every file system can.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return plain(err)
	}
	defer d.Close()
	_ = d.Sync()
	return nil
}
