package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/gwrun/gwrun/proto/msg"
)

// pin records that owner needs hashes. Its key holds the list's hash, so that pinning the same again takes no more room. An
// owner whose time is up has lost its pins, so what it pins now begins anew, without an end.
func (d *Disk) pin(tx *bolt.Tx, owner string, hashes []msg.Hash) error {
	if len(hashes) == 0 {
		return nil
	}
	if over, err := d.over(tx, owner); err != nil {
		return err
	} else if over {
		if err := release(tx, owner); err != nil {
			return err
		}
	}
	value := flatten(hashes)
	sum := sha256.Sum256(value)
	return tx.Bucket(bucketPins).Put(append(append([]byte(owner), 0), sum[:]...), value)
}

// release drops an owner's pins, and when they were to end.
func release(tx *bolt.Tx, owner string) error {
	prefix := append([]byte(owner), 0)
	pins := tx.Bucket(bucketPins)
	var keys [][]byte
	c := pins.Cursor()
	for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
		keys = append(keys, bytes.Clone(k))
	}
	for _, k := range keys {
		if err := pins.Delete(k); err != nil {
			return err
		}
	}
	return tx.Bucket(bucketEnds).Delete([]byte(owner))
}

// Release implements Store.
func (d *Disk) Release(owner string) error {
	return d.changeOwner(owner, func(tx *bolt.Tx) error { return release(tx, owner) })
}

// Expire implements Store.
func (d *Disk) Expire(owner string, at time.Time) error {
	return d.changeOwner(owner, func(tx *bolt.Tx) error {
		if over, err := d.over(tx, owner); err != nil {
			return err
		} else if over { // too late: what it had may be gone already, in part
			if err := release(tx, owner); err != nil {
				return err
			}
		}
		if at.IsZero() {
			return tx.Bucket(bucketEnds).Delete([]byte(owner))
		}
		return tx.Bucket(bucketEnds).Put([]byte(owner), encodeEnd(at))
	})
}

func (d *Disk) changeOwner(owner string, change func(*bolt.Tx) error) error {
	if err := checkOwner(owner); err != nil {
		return err
	}
	d.write.Lock()
	defer d.write.Unlock()
	return wrap(d.dir, d.index.Update(change))
}

// encodeEnd rounds up to a second: nothing ends before its time.
func encodeEnd(at time.Time) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(wholeSeconds(at)))
}

func wholeSeconds(at time.Time) int64 {
	s := at.Unix()
	if at.Nanosecond() > 0 {
		s++
	}
	return s
}

func decodeEnd(v []byte) (time.Time, error) {
	if len(v) != 8 {
		return time.Time{}, fmt.Errorf("index: end of %d bytes, wanted 8: %w", len(v), ErrCorrupt)
	}
	return time.Unix(int64(binary.BigEndian.Uint64(v)), 0), nil
}

// over says whether the owner's time is up. An owner without an end has all the time there is.
func (d *Disk) over(tx *bolt.Tx, owner string) (bool, error) {
	v := tx.Bucket(bucketEnds).Get([]byte(owner))
	if v == nil {
		return false, nil
	}
	end, err := decodeEnd(v)
	return err == nil && !d.now().Before(end), err
}

// expire drops the pins of owners whose time is up. d.write is held.
func (d *Disk) expire() error {
	var over []string
	err := d.index.View(func(tx *bolt.Tx) error {
		return tx.Bucket(bucketEnds).ForEach(func(owner, _ []byte) error {
			up, err := d.over(tx, string(owner))
			if up {
				over = append(over, string(owner))
			}
			return err
		})
	})
	if err != nil || len(over) == 0 {
		return err // the usual case costs no sync
	}
	return d.index.Update(func(tx *bolt.Tx) error {
		for _, owner := range over {
			if err := release(tx, owner); err != nil {
				return err
			}
		}
		return nil
	})
}

// Owners implements Store.
func (d *Disk) Owners() ([]string, error) {
	holdings, err := d.Holdings()
	owners := make([]string, len(holdings))
	for i, h := range holdings {
		owners[i] = h.Owner
	}
	return owners, err
}

// Holdings implements Store.
func (d *Disk) Holdings() ([]Holding, error) {
	var all []Holding
	err := d.index.View(func(tx *bolt.Tx) error {
		var seen map[msg.Hash]struct{} // of the last owner
		return d.eachPin(tx, func(owner string, hashes []msg.Hash) error {
			if len(all) == 0 || all[len(all)-1].Owner != owner {
				h := Holding{Owner: owner}
				if v := tx.Bucket(bucketEnds).Get([]byte(owner)); v != nil {
					var err error
					if h.Until, err = decodeEnd(v); err != nil {
						return err
					}
				}
				all, seen = append(all, h), map[msg.Hash]struct{}{}
			}
			last := &all[len(all)-1]
			for _, h := range hashes {
				if _, ok := seen[h]; ok {
					continue
				}
				seen[h] = struct{}{}
				e, ok, err := d.find(tx, h)
				if err != nil {
					return err
				}
				if ok {
					last.Objects++
					last.Bytes += e.size
				}
			}
			return nil
		})
	})
	slices.SortFunc(all, byOwner) // the index sorts "a" after "a\x01", because a zero ends each name
	return all, wrap(d.dir, err)
}

// eachPin calls f with what is pinned, owner by owner, those whose time is up left out. An owner may come with several lists.
func (d *Disk) eachPin(tx *bolt.Tx, f func(owner string, hashes []msg.Hash) error) error {
	last, skip := "", false
	return tx.Bucket(bucketPins).ForEach(func(k, v []byte) error {
		name, _, _ := bytes.Cut(k, []byte{0})
		if len(v)%len(msg.Hash{}) != 0 {
			return fmt.Errorf("index: pin record of %d bytes: %w", len(v), ErrCorrupt)
		}
		if last != string(name) {
			var err error
			last = string(name)
			if skip, err = d.over(tx, last); err != nil {
				return err
			}
		}
		if skip {
			return nil
		}
		hashes := make([]msg.Hash, len(v)/len(msg.Hash{}))
		for i := range hashes {
			hashes[i] = msg.Hash(v[i*len(msg.Hash{}):])
		}
		return f(last, hashes)
	})
}

// pinned gathers what anybody pins.
func (d *Disk) pinned(tx *bolt.Tx) (map[msg.Hash]struct{}, error) {
	all := map[msg.Hash]struct{}{}
	err := d.eachPin(tx, func(_ string, hashes []msg.Hash) error {
		for _, h := range hashes {
			all[h] = struct{}{}
		}
		return nil
	})
	return all, err
}
