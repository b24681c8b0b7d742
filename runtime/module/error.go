package module

import "fmt"

// Kind says what an [Error] objects to.
type Kind uint8

const (
	Malformed Kind = iota // the bytes are no WebAssembly module
	Invalid               // well-formed, but fails validation
	Refused               // valid WebAssembly outside the profile gw-det-1
	Limit                 // larger than a limit allows
)

func (k Kind) String() string {
	switch k {
	case Malformed:
		return "malformed"
	case Invalid:
		return "invalid"
	case Refused:
		return "refused"
	default:
		return "over a limit"
	}
}

// Error is what Decode, Check and Instrument report about a module.
type Error struct {
	Kind    Kind
	Section string // name of the section, "header" for the first eight bytes
	Offset  int    // byte offset in the module
	Func    int    // index of the function, -1 outside a function body
	Name    string // the function's name, where the module gives one
	Msg     string // what was found and what is wanted
}

func (e *Error) Error() string {
	where := ""
	if e.Func >= 0 {
		where = fmt.Sprintf(", function %d", e.Func)
		if e.Name != "" {
			where += fmt.Sprintf(" %q", e.Name)
		}
	}
	return fmt.Sprintf("module %s: %s section, offset 0x%x%s: %s", e.Kind, e.Section, e.Offset, where, e.Msg)
}
