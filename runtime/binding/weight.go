package binding

// The host's objects are a section of the state, and a state has to fit messages; so what the guest can make the host
// remember is bounded as a whole. Weights are upper bounds of encoded bytes.
const (
	maxWeight = 12 << 20 // of all objects and events together

	weightObject  = 112 // an object without its parts, and each fixed part
	weightText    = 8   // a text, besides its bytes
	weightEntry   = 48  // an entry of a layout, group or list of constants
	weightHandle  = 8
	weightScope   = 32
	weightRange   = 40
	weightCommand = 96
	weightBound   = 16 // a bind group that is set
	weightOffset  = 6  // a dynamic offset
	weightEvent   = 96
)

func (b *bound) weight() int { return weightBound + weightOffset*len(b.Dynamic) }

func (m *command) weight() int {
	n := weightCommand
	for i := range m.Groups {
		n += m.Groups[i].weight()
	}
	return n
}

func (e *event) weight() int { return weightEvent + weightText + len(e.Message) }

// weight is that of an object as it is now. The commands of an encoder are added as they are recorded.
func (o *object) weight() int {
	n := weightObject + weightText + len(o.Label) + weightHandle*len(o.Groups)
	if p := o.Problem; p != nil {
		n += weightEntry + len(p.Message)
	}
	if d := o.Dev; d != nil {
		n += weightObject
		for i := range d.Scopes {
			n += weightScope + len(d.Scopes[i].Message)
		}
	}
	if b := o.Buffer; b != nil {
		n += weightObject + weightRange*len(b.Ranges)
	}
	if l := o.Layout; l != nil {
		n += weightEntry * (1 + len(l.Entries))
	}
	if p := o.Pipeline; p != nil {
		n += weightEntry + len(p.Entry) + weightHandle*len(p.Groups)
		for _, k := range p.Constants {
			n += weightEntry + len(k.Name)
		}
	}
	if g := o.Group; g != nil {
		n += weightEntry * (1 + len(g.Entries))
	}
	if p := o.Pass; p != nil {
		n += weightEntry
		for i := range p.Groups {
			n += p.Groups[i].weight()
		}
	}
	if e := o.Encoder; e != nil {
		n += weightEntry + len(e.Problem)
		for i := range e.Commands {
			n += e.Commands[i].weight()
		}
	}
	for i := range o.Commands {
		n += o.Commands[i].weight()
	}
	return n
}

// weigh notes what an object weighs after it changed.
func (c *call) weigh(o *object) {
	w := o.weight()
	c.heavier(w - o.w)
	o.w = w
}

// heavier adds to the weight of everything, and ends the job where that is too much.
func (c *call) heavier(by int) {
	c.h.weight += by
	if by > 0 && c.h.weight > maxWeight {
		c.trap("the job's WebGPU objects and callbacks take %d bytes to remember, at most %d may be", c.h.weight, maxWeight)
	}
}
