package faultnet

import (
	"container/heap"
	"sync"
	"time"
)

// maxWaiting bounds the bytes of datagrams on their way through one proxy.
const maxWaiting = 16 << 20

// waiting is a datagram on its way.
type waiting struct {
	due  time.Time
	seq  uint64
	size int
	send func()
}

// queue sends datagrams when they are due. One goroutine serves it.
type queue struct {
	mu     sync.Mutex
	list   byTime
	seq    uint64
	bytes  int
	wake   chan struct{}
	closed chan struct{}
	done   chan struct{}
}

func newQueue() *queue {
	q := &queue{wake: make(chan struct{}, 1), closed: make(chan struct{}), done: make(chan struct{})}
	go q.serve()
	return q
}

// add reports false where there is no more room.
func (q *queue) add(due time.Time, size int, send func()) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.bytes+size > maxWaiting {
		return false
	}
	q.bytes += size
	q.seq++
	heap.Push(&q.list, waiting{due, q.seq, size, send})
	if q.list[0].seq == q.seq {
		select {
		case q.wake <- struct{}{}:
		default:
		}
	}
	return true
}

func (q *queue) serve() {
	defer close(q.done)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		q.mu.Lock()
		wait := time.Hour
		var ready []func()
		for now := time.Now(); len(q.list) > 0; {
			if wait = q.list[0].due.Sub(now); wait > 0 {
				break
			}
			w := heap.Pop(&q.list).(waiting)
			q.bytes -= w.size
			ready = append(ready, w.send)
			wait = time.Hour
		}
		q.mu.Unlock()
		for _, send := range ready {
			send()
		}
		if len(ready) > 0 {
			continue // time has passed
		}
		timer.Reset(wait)
		select {
		case <-q.closed:
			return
		case <-q.wake:
		case <-timer.C:
		}
	}
}

// close drops what waits and returns when nothing is being sent any more.
func (q *queue) close() {
	close(q.closed)
	<-q.done
}

// byTime is a heap, the earliest first, equals in the order they came.
type byTime []waiting

func (h byTime) Len() int { return len(h) }
func (h byTime) Less(i, k int) bool {
	if !h[i].due.Equal(h[k].due) {
		return h[i].due.Before(h[k].due)
	}
	return h[i].seq < h[k].seq
}
func (h byTime) Swap(i, k int) { h[i], h[k] = h[k], h[i] }
func (h *byTime) Push(x any)   { *h = append(*h, x.(waiting)) }
func (h *byTime) Pop() any {
	last := len(*h) - 1
	w := (*h)[last]
	(*h)[last] = waiting{} // nothing keeps its bytes
	*h = (*h)[:last]
	return w
}
