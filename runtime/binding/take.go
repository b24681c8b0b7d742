package binding

import (
	"encoding/binary"
	"fmt"
	"math"
)

// takeIt stands where a callback's table index would be: the event waits for gw.event_take. It is for languages whose
// functions have no index in the table that C's calling convention could call, such as Go.
const takeIt = math.MaxUint32

// eventBytes is the size of gw.h's gw_event.
const eventBytes = 40

// taken reports whether gw.event_take is the way to hear of the event.
func (e *event) taken() bool { return e.Callback.Function == takeIt }

// eventTake gives the first waiting event of a future, or of any, and forgets it.
func eventTake(c *call) {
	future, to, text, size := c.u64(0), c.u32(1), c.u32(2), c.u32(3)
	c.view(to, eventBytes)
	c.view(text, size)
	h := c.h
	c.charge(uint64(len(h.state.Events)) * GasEvent)
	at := -1
	for i := range h.state.Events {
		if e := &h.state.Events[i]; e.taken() && (future == 0 || e.Future == future) {
			at = i
			break
		}
	}
	if at < 0 {
		return
	}
	e := h.state.Events[at]
	h.state.Events = append(h.state.Events[:at], h.state.Events[at+1:]...)
	c.heavier(-e.weight())
	if e.holds() {
		defer h.drop(e.Handle)
	}
	switch e.Kind {
	case evMap:
		c.mapReady(&e)
	case evCompilation:
		if o := h.objects[e.Handle]; o != nil && o.Problem != nil {
			e.Type, e.Message = 1, fmt.Sprintf("%d:%d: %s", o.Problem.Line, o.Problem.Column, o.Problem.Message)
		}
	}
	message := cut(e.Message, int(min(size, maxMessage)))
	b := binary.LittleEndian.AppendUint64(nil, e.Future)
	for _, v := range []uint32{uint32(e.Kind), e.Status, e.Handle, e.Type, e.Callback.User1, e.Callback.User2, uint32(len(message)), 0} {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	c.write(to, b)
	c.write(text, []byte(message))
	c.ret = 1
}
