package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/host/store"
)

// storeFlags say whose store a verb looks at.
type storeFlags struct {
	data string
}

func (f *storeFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.data, "data", "", "`DIR` of the node whose store it is (its --data)")
}

// open opens the store of a node that is not running. It makes none.
func (f *storeFlags) open() (*store.Disk, error) {
	if f.data == "" {
		return nil, usagef("--data is missing: want the folder that the node was given, or its default, such as %s", filepath.Join("~", ".config", "gwrun", "host"))
	}
	dir := filepath.Join(f.data, "store")
	if _, err := os.Stat(filepath.Join(dir, "index.db")); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no store in %s: want the --data folder of a node", f.data)
	} else if err != nil {
		return nil, err
	}
	return store.Open(dir, store.Options{})
}

type storeUsage struct {
	Blobs    uint64         `json:"blobs"`
	Pages    uint64         `json:"pages"`
	Bytes    uint64         `json:"bytes"`
	Pinned   uint64         `json:"pinned_bytes"`
	Arriving uint64         `json:"arriving_bytes"`
	Owners   []storeHolding `json:"owners"`
}

type storeHolding struct {
	Owner   string     `json:"owner"`
	Objects uint64     `json:"objects"`
	Bytes   uint64     `json:"bytes"`
	Until   *time.Time `json:"until,omitempty"` // none: not before it is released
}

func newStoreCmd(g *globals) *cobra.Command {
	return group("store", "show and tidy what a node keeps on disk", newStoreUsageCmd(g), newStoreGCCmd(g))
}

func newStoreUsageCmd(g *globals) *cobra.Command {
	var f storeFlags
	cmd := &cobra.Command{
		Use:   "usage",
		Short: "print what a node's store holds and who needs it",
		Long: `Usage prints how much content a node keeps, how much of it some job still needs, and for each job of each role how much
and until when. What several need counts for each of them. The node must not be running.`,
		Annotations: exitStatus(),
		Example:     "  gwrun store usage --data ~/.config/gwrun/host\n  gwrun store usage --data ./provider --json",
		Args:        exactArgs(),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := f.open()
			if err != nil {
				return err
			}
			r, err := usageOf(s)
			if err := errors.Join(err, s.Close()); err != nil {
				return err
			}
			return g.print(r, r.text)
		},
	}
	f.add(cmd)
	return cmd
}

func usageOf(s store.Store) (*storeUsage, error) {
	u, err := s.Usage()
	if err != nil {
		return nil, err
	}
	holdings, err := s.Holdings()
	if err != nil {
		return nil, err
	}
	r := &storeUsage{Blobs: u.Blobs, Pages: u.Pages, Bytes: u.Bytes, Pinned: u.Pinned, Arriving: u.Arriving, Owners: []storeHolding{}}
	for _, h := range holdings {
		o := storeHolding{Owner: h.Owner, Objects: h.Objects, Bytes: h.Bytes}
		if !h.Until.IsZero() {
			until := h.Until.UTC()
			o.Until = &until
		}
		r.Owners = append(r.Owners, o)
	}
	return r, nil
}

func (u *storeUsage) text(w io.Writer) {
	fmt.Fprintf(w, "%s in %d blobs and %d pages\n", byteText(u.Bytes), u.Blobs, u.Pages)
	fmt.Fprintf(w, "%s needed, %s a cache that gc removes\n", byteText(u.Pinned), byteText(u.Bytes-u.Pinned))
	if u.Arriving > 0 {
		fmt.Fprintf(w, "%s of transfers that broke off\n", byteText(u.Arriving))
	}
	for _, o := range u.Owners {
		until := "until it is over"
		if o.Until != nil {
			until = "until " + o.Until.Format(time.RFC3339)
		}
		fmt.Fprintf(w, "  %-10s %s  %s\n", byteText(o.Bytes), o.Owner, until)
	}
}

type storeFreed struct {
	Freed uint64 `json:"freed_bytes"`
	Bytes uint64 `json:"bytes"`
}

func newStoreGCCmd(g *globals) *cobra.Command {
	var f storeFlags
	var keep byteFlag
	cmd := &cobra.Command{
		Use:   "gc",
		Short: "remove what no job needs from a node's store",
		Long: `Gc removes content that no job of any role needs, oldest first, and what is left of transfers that broke off more than a
week ago. What a running job, one within its challenge window or an open dispute needs stays, whatever the quota. The node must not
be running; one that runs does the same by itself.`,
		Annotations: exitStatus(exitDiskFull),
		Example:     "  gwrun store gc --data ~/.config/gwrun/host\n  gwrun store gc --data ./provider --keep 5GB --json",
		Args:        exactArgs(),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := f.open()
			if err != nil {
				return err
			}
			var r storeFreed
			if r.Freed, err = s.GC(uint64(keep)); err == nil {
				var u store.Usage
				u, err = s.Usage()
				r.Bytes = u.Bytes
			}
			if err := errors.Join(err, s.Close()); err != nil {
				return err
			}
			return g.print(r, func(w io.Writer) { fmt.Fprintf(w, "%s freed, %s left\n", byteText(r.Freed), byteText(r.Bytes)) })
		},
	}
	f.add(cmd)
	cmd.Flags().Var(&keep, "keep", "most `BYTES` of what no job needs to leave, such as 5GB")
	return cmd
}
