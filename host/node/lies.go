package node

import (
	"github.com/gwrun/gwrun/host/provider"
	"github.com/gwrun/gwrun/host/validator"
	"github.com/gwrun/gwrun/proto/blobs"
)

// Lies are what a node does otherwise than an honest one, besides what Config.Transport.Tamper makes of its messages: to test the others.
type Lies struct {
	Provider  provider.Lies
	Validator validator.Lies
	// Content may change what the node serves of its store.
	Content func(blobs.Source) blobs.Source
}

func (l *Lies) content(s blobs.Source) blobs.Source {
	if l.Content == nil {
		return s
	}
	return l.Content(s)
}
