package node

import (
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/settle/evm"
	"github.com/gwrun/gwrun/proto/msg"
)

// Of the registry those are asked who can be found, can answer for what they do, and have the role.
func TestOffered(t *testing.T) {
	now := time.Unix(1000, 0)
	some := msg.AmountOf(1)
	nodes := []evm.Node{
		{Account: msg.Account{1}, Roles: evm.RoleProvider, Endpoint: "192.0.2.1:4433", Active: some},
		{Account: msg.Account{2}, Roles: evm.RoleValidator, Endpoint: "192.0.2.2:4433", Active: some},
		{Account: msg.Account{3}, Roles: evm.RoleProvider | evm.RoleValidator, Endpoint: "node.example:4433", Active: some, JailedUntil: 1000},
		{Account: msg.Account{4}, Roles: evm.RoleProvider, Endpoint: "192.0.2.4:4433", Active: some, JailedUntil: 1001},
		{Account: msg.Account{5}, Roles: evm.RoleProvider, Endpoint: "192.0.2.5:4433"},
		{Account: msg.Account{6}, Roles: evm.RoleProvider, Endpoint: "nowhere", Active: some},
		{Account: msg.Account{7}, Roles: evm.RoleProvider, Active: some},
		{Account: msg.Account{8}, Roles: evm.RoleProvider, Endpoint: "192.0.2.8:4433", Active: some},
	}
	for _, c := range []struct {
		role uint8
		want map[byte]string
	}{
		{evm.RoleProvider, map[byte]string{1: "192.0.2.1:4433", 3: "node.example:4433"}},
		{evm.RoleValidator, map[byte]string{2: "192.0.2.2:4433", 3: "node.example:4433"}},
	} {
		got := offered(nodes, c.role, msg.Account{8}, now)
		if len(got) != len(c.want) {
			t.Errorf("role %d: %+v, wanted %v", c.role, got, c.want)
		}
		for _, x := range got {
			if len(x.Addrs) != 1 || c.want[x.Account[0]] != x.Addrs[0] {
				t.Errorf("role %d: %+v, wanted %v", c.role, x, c.want)
			}
		}
	}
}
