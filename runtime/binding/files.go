package binding

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// A job's files: its inputs, which can only be read, and its outputs, in one directory that a WASI program has open as
// descriptor 3 under the name "/". So fopen("data.csv") reads the input of that name and fopen("result.csv", "w") makes an
// output. A name with slashes is a file in directories, which are there as long as a file is in them. An output that has an
// input's name hides it.

// file is an open file or directory.
type file struct {
	FD     uint32 `cbor:"1,keyasint"`
	Name   string `cbor:"2,keyasint"` // without a slash in front; "" is the directory of all
	Offset uint64 `cbor:"3,keyasint,omitempty"`
	Dir    bool   `cbor:"4,keyasint,omitempty"`
	Read   bool   `cbor:"5,keyasint,omitempty"`
	Write  bool   `cbor:"6,keyasint,omitempty"`
	Append bool   `cbor:"7,keyasint,omitempty"`
}

// GasName is what each name of a file costs where all have to be looked at; it is one of the numbers of the gas table.
const GasName = 4

const (
	rootFD   = 3
	maxFiles = 64 // open at once

	openCreate    = 1
	openDirectory = 2
	openExclusive = 4
	openTruncate  = 8

	flagAppend = 1

	rightRead    = 1 << 1
	rightWrite   = 1 << 6
	rightReaddir = 1 << 14
	rightsAll    = 1<<28 - 1

	typeDevice    = 2
	typeDirectory = 3
	typeFile      = 4
)

var root = file{FD: rootFD, Dir: true, Read: true}

// file finds an open descriptor above standard input, output and error.
func (c *call) file(fd uint32) *file {
	if fd == rootFD {
		return &root
	}
	i, ok := slices.BinarySearchFunc(c.h.state.Files, fd, func(f file, fd uint32) int { return int(int64(f.FD) - int64(fd)) })
	if !ok {
		return nil
	}
	return &c.h.state.Files[i]
}

// content gives the bytes of a file, an output before an input.
func (h *Host) content(name string) (data []byte, ok bool) {
	if data, ok = h.outputs[name]; ok {
		return data, true
	}
	if i, ok := h.findInput(name); ok {
		return h.cfg.Inputs[i].Data, true
	}
	return nil, false
}

// list gives the names in a directory, sorted, those of directories with a slash behind.
func (h *Host) list(dir string) (names []string) {
	add := func(name string) {
		if dir != "" {
			var ok bool
			if name, ok = strings.CutPrefix(name, dir+"/"); !ok {
				return
			}
		}
		if first, _, ok := strings.Cut(name, "/"); ok {
			name = first + "/"
		}
		names = append(names, name)
	}
	for i := range h.cfg.Inputs {
		add(h.cfg.Inputs[i].Name)
	}
	for name := range h.outputs {
		add(name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// isDir reports whether a file is in the directory of that name.
func (h *Host) isDir(name string) bool {
	if name == "" {
		return true
	}
	for i := range h.cfg.Inputs {
		if in := h.cfg.Inputs[i].Name; len(in) > len(name) && in[len(name)] == '/' && in[:len(name)] == name {
			return true
		}
	}
	for out := range h.outputs {
		if len(out) > len(name) && out[len(name)] == '/' && out[:len(name)] == name {
			return true
		}
	}
	return false
}

// chargeNames pays for looking through the names of all files, each time times.
func (c *call) chargeNames(times int) {
	c.charge(uint64(len(c.h.outputs)+len(c.h.cfg.Inputs)) * uint64(times) * GasName)
}

// path reads a path and resolves it from the directory fd.
func (c *call) path(fd, ptr, n uint32) (name string, errno uint64) {
	text := string(c.read(ptr, min(n, maxText)))
	c.chargeNames(2)
	dir := c.file(fd)
	switch {
	case dir == nil:
		return "", wasiBadf
	case !dir.Dir:
		return "", wasiNotdir
	case n > maxText:
		return "", wasiNametoolong
	case text == "":
		return "", wasiNoent
	case text[0] == '/':
		return "", c.refuse(wasiNotcap, "the path "+quote(cut(text, maxName))+" does not begin at the directory it is asked of")
	case !utf8.ValidString(text) || strings.ContainsRune(text, 0):
		return "", wasiIlseq
	}
	var parts []string
	if dir.Name != "" {
		parts = strings.Split(dir.Name, "/")
	}
	for _, p := range strings.Split(text, "/") {
		switch p {
		case "", ".":
		case "..":
			if len(parts) == 0 {
				return "", c.refuse(wasiNotcap, "the path "+quote(cut(text, maxName))+" leaves the job's files")
			}
			parts = parts[:len(parts)-1]
		default:
			parts = append(parts, p)
		}
	}
	name = strings.Join(parts, "/")
	if len(name) > maxName {
		return "", wasiNametoolong
	}
	if _, ok := c.h.content(name); ok && strings.HasSuffix(text, "/") {
		return "", wasiNotdir
	}
	return name, wasiOK
}

func pathOpen(c *call) {
	name, errno := c.path(c.u32(0), c.u32(2), c.u32(3))
	oflags, rights, flags := c.u32(4), c.u64(5), c.u32(7)
	c.view(c.u32(8), 4)
	if c.ret = errno; errno != wasiOK {
		return
	}
	h := c.h
	_, there := h.content(name)
	_, output := h.outputs[name]
	dir := !there && h.isDir(name)
	f := file{Name: name, Dir: dir, Read: rights&rightRead != 0, Write: rights&rightWrite != 0, Append: flags&flagAppend != 0}
	switch {
	case there && oflags&openDirectory != 0:
		c.ret = wasiNotdir
	case (there || dir) && oflags&(openCreate|openExclusive) == openCreate|openExclusive:
		c.ret = wasiExist
	case dir && (f.Write || oflags&openTruncate != 0):
		c.ret = wasiIsdir
	case !there && !dir && oflags&openCreate == 0:
		c.ret = wasiNoent
	case there && !output && f.Write && oflags&openTruncate == 0:
		c.ret = c.refuse(wasiRofs, "the input "+quote(name)+" can only be read; written anew it becomes an output")
	case len(h.state.Files) >= maxFiles:
		c.ret = wasiMfile
	}
	if c.ret != wasiOK {
		return
	}
	if !dir && (!there || oflags&openTruncate != 0) {
		if c.ret = c.makeOutput(name); c.ret != wasiOK {
			return
		}
	}
	// The lowest number that is free, as in POSIX.
	f.FD = rootFD + 1
	at := 0
	for at < len(h.state.Files) && h.state.Files[at].FD == f.FD {
		f.FD++
		at++
	}
	h.state.Files = slices.Insert(h.state.Files, at, f)
	c.heavier(f.weight())
	c.write32(c.u32(8), f.FD)
}

func (f *file) weight() int { return weightEntry + len(f.Name) }

// makeOutput makes an output or empties the one there is.
func (c *call) makeOutput(name string) (errno uint64) {
	h := c.h
	old, ok := h.outputs[name]
	if !ok && len(h.outputs) >= maxOutputs {
		return wasiNospc
	}
	if len(old) > 0 {
		h.rewrite(name)
	}
	h.outBytes -= uint64(len(old))
	h.outputs[name] = []byte{}
	return wasiOK
}

// rewrite notes that an output was changed in another way than by adding to it.
func (h *Host) rewrite(name string) {
	if h.state.rewritten == nil {
		h.state.rewritten = map[string]bool{}
	}
	h.state.rewritten[name] = true
}

// Rewritten reports whether an output was changed in another way than by adding to it since this was last asked.
func (h *Host) Rewritten(name string) bool {
	was := h.state.rewritten[name]
	delete(h.state.rewritten, name)
	return was
}

// put writes data into an output at an offset, with zeros before it where the output ends earlier.
func (c *call) put(name string, off uint64, data []byte) {
	h := c.h
	old := h.outputs[name]
	size := uint64(len(old))
	if end := off + uint64(len(data)); end < off || end > size && end-size > h.cfg.Limits.OutputBytes-min(h.outBytes, h.cfg.Limits.OutputBytes) {
		c.limit("output_bytes", h.outBytes+max(end, off)-size, h.cfg.Limits.OutputBytes)
	} else if end > size {
		c.charge((end - size) * GasByte)
		h.outBytes += end - size
		old = append(old, make([]byte, end-size)...)
	}
	if off < size && len(data) > 0 {
		h.rewrite(name)
	}
	copy(old[off:], data)
	h.outputs[name] = old
}

// pieces reads an array of buffers, pairs of address and length.
func (c *call) pieces(ptr, n uint32) []record { return c.array("pieces", ptr, n, 8) }

func (c *call) readFile(at *uint64, f *file, pieces []record, count uint32) {
	c.view(count, 4)
	data, ok := c.h.content(f.Name)
	switch {
	case f.Dir:
		c.ret = wasiIsdir
		return
	case !ok || !f.Read:
		c.ret = wasiBadf
		return
	}
	var n uint64
	for _, p := range pieces {
		if *at >= uint64(len(data)) {
			break
		}
		part := data[*at:]
		part = part[:min(uint64(len(part)), uint64(p.u32(4)))]
		c.write(p.u32(0), part)
		*at += uint64(len(part))
		n += uint64(len(part))
	}
	c.write32(count, uint32(n))
}

func (c *call) writeFile(at *uint64, f *file, pieces []record, count uint32) {
	c.view(count, 4)
	if _, ok := c.h.outputs[f.Name]; !ok || !f.Write {
		c.ret = wasiBadf
		return
	}
	var n uint64
	for _, p := range pieces {
		data := c.read(p.u32(0), p.u32(4))
		if len(data) == 0 {
			continue
		}
		c.put(f.Name, *at, data)
		*at += uint64(len(data))
		n += uint64(len(data))
	}
	c.write32(count, uint32(n))
}

func fdRead(c *call) {
	if c.u32(0) == 0 {
		c.write32(c.u32(3), 0) // standard input is at its end
		return
	}
	f := c.file(c.u32(0))
	if f == nil {
		c.ret = wasiBadf
		return
	}
	c.readFile(&f.Offset, f, c.pieces(c.u32(1), c.u32(2)), c.u32(3))
}

func fdWrite(c *call) {
	fd := c.u32(0)
	if fd == 1 || fd == 2 {
		stream := [...]string{1: "stdout", 2: "stderr"}[fd]
		var n uint32
		for _, v := range c.pieces(c.u32(1), c.u32(2)) {
			c.logBytes(stream, c.read(v.u32(0), v.u32(4)), false)
			n += v.u32(4)
		}
		c.write32(c.u32(3), n)
		return
	}
	f := c.file(fd)
	if f == nil {
		c.ret = wasiBadf
		return
	}
	if f.Append {
		f.Offset = uint64(len(c.h.outputs[f.Name]))
	}
	c.writeFile(&f.Offset, f, c.pieces(c.u32(1), c.u32(2)), c.u32(3))
}

func fdPositioned(do func(*call, *uint64, *file, []record, uint32)) func(*call) {
	return func(c *call) {
		f := c.file(c.u32(0))
		if f == nil {
			c.stdio(wasiSpipe)
			return
		}
		at := c.u64(3)
		do(c, &at, f, c.pieces(c.u32(1), c.u32(2)), c.u32(4))
	}
}

func fdSeek(c *call) {
	f := c.file(c.u32(0))
	if f == nil {
		c.stdio(wasiSpipe)
		return
	}
	c.view(c.u32(3), 8)
	data, ok := c.h.content(f.Name)
	if f.Dir || !ok {
		c.ret = wasiBadf
		return
	}
	var from uint64
	switch c.u32(2) {
	case 0:
	case 1:
		from = f.Offset
	case 2:
		from = uint64(len(data))
	default:
		c.ret = wasiInval
		return
	}
	to := int64(from) + int64(c.u64(1)) // both below 2^63
	if from > math.MaxInt64 || to < 0 {
		c.ret = wasiInval
		return
	}
	f.Offset = uint64(to)
	c.write64(c.u32(3), f.Offset)
}

func fdTell(c *call) {
	f := c.file(c.u32(0))
	switch {
	case f == nil:
		c.stdio(wasiSpipe)
	case f.Dir:
		c.ret = wasiBadf
	default:
		c.write64(c.u32(1), f.Offset)
	}
}

func fdClose(c *call) {
	fd := c.u32(0)
	f := c.file(fd)
	if f == nil || fd == rootFD {
		if fd > rootFD {
			c.ret = wasiBadf
		}
		return // the first four stay open
	}
	c.heavier(-f.weight())
	c.h.state.Files = slices.DeleteFunc(c.h.state.Files, func(f file) bool { return f.FD == fd })
}

// fdRenumber moves a descriptor to another number, closing what was there.
func fdRenumber(c *call) {
	from, to := c.u32(0), c.u32(1)
	f := c.file(from)
	switch {
	case f == nil || c.file(to) == nil:
		c.ret = wasiBadf
	case from == rootFD || to == rootFD:
		c.ret = c.refuse(wasiNotsup, "descriptor 3 stays what it is")
	case from != to:
		moved := *f
		moved.FD = to
		c.heavier(-c.file(to).weight())
		files := slices.DeleteFunc(c.h.state.Files, func(f file) bool { return f.FD == from || f.FD == to })
		at, _ := slices.BinarySearchFunc(files, to, func(f file, fd uint32) int { return int(int64(f.FD) - int64(fd)) })
		c.h.state.Files = slices.Insert(files, at, moved)
	}
}

func fdStat(c *call) {
	fd := c.u32(0)
	b := make([]byte, 24)
	rights, inherit := uint64(rightsAll), uint64(0)
	f := c.file(fd)
	switch {
	case fd == 0:
		b[0], rights = typeDevice, rightRead
	case fd < rootFD:
		b[0], rights = typeDevice, rightWrite
	case f == nil:
		c.ret = wasiBadf
		return
	case f.Dir:
		b[0], inherit = typeDirectory, rightsAll
	default:
		b[0] = typeFile
		if !f.Read {
			rights &^= rightRead
		}
		if !f.Write {
			rights &^= rightWrite
		}
		if f.Append {
			b[2] = flagAppend
		}
	}
	binary.LittleEndian.PutUint64(b[8:], rights)
	binary.LittleEndian.PutUint64(b[16:], inherit)
	c.write(c.u32(1), b)
}

func fdSetFlags(c *call) {
	if f := c.file(c.u32(0)); f != nil && c.u32(0) != rootFD {
		f.Append = c.u32(1)&flagAppend != 0
	} else if c.u32(0) > rootFD {
		c.ret = wasiBadf
	}
}

// filestat makes WASI's record of a file. Its times are the clock's beginning: when something was written is no property of
// a job.
func (h *Host) filestat(typ byte, name string, size int) []byte {
	b := make([]byte, 64)
	if typ != typeDevice {
		copy(b[8:16], inode(name))
	}
	b[16] = typ
	b[24] = 1
	binary.LittleEndian.PutUint64(b[32:], uint64(size))
	for at := 40; at < 64; at += 8 {
		binary.LittleEndian.PutUint64(b[at:], clockStart)
	}
	return b
}

// inode is a number for a file that is not 0.
func inode(name string) []byte {
	s := sha256.Sum256([]byte(name))
	s[0] |= 1
	return s[:8]
}

func fdFilestat(c *call) {
	fd := c.u32(0)
	f := c.file(fd)
	switch {
	case fd < rootFD:
		c.write(c.u32(1), c.h.filestat(typeDevice, "", 0))
	case f == nil:
		c.ret = wasiBadf
	case f.Dir:
		c.write(c.u32(1), c.h.filestat(typeDirectory, f.Name, 0))
	default:
		data, _ := c.h.content(f.Name)
		c.write(c.u32(1), c.h.filestat(typeFile, f.Name, len(data)))
	}
}

func fdSetSize(c *call) {
	f := c.file(c.u32(0))
	if f == nil || f.Dir || !f.Write {
		c.ret = wasiBadf
		return
	}
	old, ok := c.h.outputs[f.Name]
	size := c.u64(1)
	switch {
	case !ok:
		c.ret = wasiBadf
	case size < uint64(len(old)):
		c.h.outBytes -= uint64(len(old)) - size
		c.h.outputs[f.Name] = old[:size]
		c.h.rewrite(f.Name)
	default:
		c.put(f.Name, size, nil)
	}
}

// fdReaddir lists a directory: entries from number cookie on, as many bytes as there is room for.
func fdReaddir(c *call) {
	f := c.file(c.u32(0))
	if f == nil || !f.Dir {
		c.stdio(wasiNotdir)
		if f != nil {
			c.ret = wasiNotdir
		}
		return
	}
	to, room, cookie := c.u32(1), c.u32(2), c.u64(3)
	c.view(to, room)
	names := append([]string{"./", "../"}, c.h.list(f.Name)...)
	c.chargeNames(8) // they are sorted
	var b []byte
	for i := cookie; i < uint64(len(names)) && len(b) < int(room); i++ {
		name, dir := strings.CutSuffix(names[i], "/")
		typ := byte(typeFile)
		if dir {
			typ = typeDirectory
		}
		b = binary.LittleEndian.AppendUint64(b, i+1)
		b = append(b, inode(f.Name+"/"+name)...)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(name)))
		b = append(append(b, typ, 0, 0, 0), name...)
	}
	b = b[:min(len(b), int(room))]
	c.write(to, b)
	c.write32(c.u32(4), uint32(len(b)))
}

func pathFilestat(c *call) {
	name, errno := c.path(c.u32(0), c.u32(2), c.u32(3))
	if c.ret = errno; errno != wasiOK {
		return
	}
	switch data, ok := c.h.content(name); {
	case ok:
		c.write(c.u32(4), c.h.filestat(typeFile, name, len(data)))
	case c.h.isDir(name):
		c.write(c.u32(4), c.h.filestat(typeDirectory, name, 0))
	default:
		c.ret = wasiNoent
	}
}

// open reports whether a file is open.
func (h *Host) open(name string) bool {
	return slices.ContainsFunc(h.state.Files, func(f file) bool { return !f.Dir && f.Name == name })
}

func pathUnlink(c *call) {
	name, errno := c.path(c.u32(0), c.u32(1), c.u32(2))
	if c.ret = errno; errno != wasiOK {
		return
	}
	data, output := c.h.outputs[name]
	_, there := c.h.content(name)
	switch {
	case output && c.h.open(name):
		c.ret = wasiBusy
	case output:
		c.h.outBytes -= uint64(len(data))
		delete(c.h.outputs, name)
		c.h.rewrite(name)
	case there:
		c.ret = c.refuse(wasiRofs, "the input "+quote(name)+" cannot be removed")
	case c.h.isDir(name):
		c.ret = wasiIsdir
	default:
		c.ret = wasiNoent
	}
}

func pathRename(c *call) {
	from, errno := c.path(c.u32(0), c.u32(1), c.u32(2))
	if errno == wasiOK {
		var to string
		if to, errno = c.path(c.u32(3), c.u32(4), c.u32(5)); errno == wasiOK {
			errno = c.rename(from, to)
		}
	}
	c.ret = errno
}

func (c *call) rename(from, to string) (errno uint64) {
	h := c.h
	data, output := h.outputs[from]
	_, there := h.content(from)
	_, taken := h.content(to)
	switch {
	case !output && there:
		return c.refuse(wasiRofs, "the input "+quote(from)+" cannot get another name")
	case !output && h.isDir(from):
		return c.refuse(wasiNotsup, "a directory cannot get another name")
	case !output:
		return wasiNoent
	case from == to:
		return wasiOK
	case !taken && h.isDir(to):
		return wasiIsdir
	case h.open(from) || h.open(to):
		return wasiBusy
	}
	h.outBytes -= uint64(len(h.outputs[to]))
	h.outputs[to] = data
	delete(h.outputs, from)
	h.rewrite(from)
	h.rewrite(to)
	return wasiOK
}

// pathMakeDirectory has nothing to do: a directory is there once a file is in it.
func pathMakeDirectory(c *call) {
	name, errno := c.path(c.u32(0), c.u32(1), c.u32(2))
	if _, ok := c.h.content(name); errno == wasiOK && (ok || c.h.isDir(name)) {
		errno = wasiExist
	}
	c.ret = errno
}

// pathRemoveDirectory never removes one: it goes with the last file in it.
func pathRemoveDirectory(c *call) {
	name, errno := c.path(c.u32(0), c.u32(1), c.u32(2))
	if c.ret = errno; errno != wasiOK {
		return
	}
	switch _, there := c.h.content(name); {
	case there:
		c.ret = wasiNotdir
	case c.h.isDir(name):
		c.ret = wasiNotempty
	default:
		c.ret = wasiNoent
	}
}

// checkFiles checks restored descriptors.
func (h *Host) checkFiles() bool {
	if len(h.state.Files) > maxFiles {
		return false
	}
	for i, f := range h.state.Files {
		if f.FD <= rootFD || i > 0 && f.FD <= h.state.Files[i-1].FD || len(f.Name) > maxName || !utf8.ValidString(f.Name) || f.Offset > math.MaxInt64 {
			return false
		}
	}
	return true
}
