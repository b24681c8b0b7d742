package binding

import (
	"encoding/binary"
	"fmt"
)

// chained says what is wrong with the chain of a structure, or nothing: here only a shader module's descriptor has one.
// webgpu.h wants that to be an error of the call ("struct-chaining error"), not of the program.
func (c *call) chained(what string, next uint32) error {
	if next == 0 {
		return nil
	}
	t := binary.LittleEndian.Uint32(c.read(next, 8)[4:])
	return fmt.Errorf("%s chains a structure of sType 0x%x, none is known there", what, t)
}

// first gives the first of several errors.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// badOut reports that the structure at ptr, which is to be filled in, has a chain: nothing is written then, the call's
// status is an error and the log says why.
func (c *call) badOut(what string, ptr uint32) bool {
	err := c.chained(what, record(c.read(ptr, 4)).u32(0))
	if err == nil {
		return false
	}
	c.complain(err.Error())
	return true
}

// complain logs an error that webgpu.h reports by a status alone ("implementation-defined logging").
func (c *call) complain(problem string) {
	c.mention("webgpu", c.fn.name+": "+cut(problem, maxMessage)+"\n")
	c.ret = statusFailed
}

// mention logs what the guest hears of in another way too, if the log has room for it.
func (c *call) mention(stream, text string) {
	if uint64(len(c.h.log)+len(text)) <= c.h.cfg.Limits.LogBytes {
		c.logText(stream, text)
	}
}
