package serve

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"codegraph/internal/atomicfile"
)

// deliveriesName is the file of what waits for the webhook, in the folder of the history.
const deliveriesName = "webhook.json"

// due is an event that the webhook has not been told of.
type due struct {
	Event string `json:"event"`
	Run   string `json:"run"`
}

// deliveries are what waits for the webhook, in order and on disk: it is sent after a
// restart, too.
type deliveries struct {
	path  string
	added chan struct{} // something may wait

	mu      sync.Mutex
	waiting []due
}

// openDeliveries reads what waited when the server ended.
func openDeliveries(dir string) (*deliveries, error) {
	d := &deliveries{path: filepath.Join(dir, deliveriesName), added: make(chan struct{}, 1)}
	data, err := os.ReadFile(d.path)
	if errors.Is(err, fs.ErrNotExist) {
		return d, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &d.waiting)
	}
	if err != nil {
		return nil, fmt.Errorf("what waits for the webhook: %w; mend %s or remove it: then it is not sent", err, d.path)
	}
	return d, nil
}

var errManyWait = fmt.Errorf("%d deliveries wait already", maxDeliveries)

// add puts an event at the end.
func (d *deliveries) add(e due) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.waiting) >= maxDeliveries {
		return errManyWait
	}
	d.waiting = append(d.waiting, e)
	select {
	case d.added <- struct{}{}:
	default:
	}
	return d.save()
}

// first is what is to be sent next; ok is false if nothing waits.
func (d *deliveries) first() (e due, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.waiting) == 0 {
		return due{}, false
	}
	return d.waiting[0], true
}

// settle takes the first away: it was sent, or never will be.
func (d *deliveries) settle() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.waiting = d.waiting[1:]
	return d.save()
}

func (d *deliveries) save() error {
	return atomicfile.Write(d.path, func(w io.Writer) error { return json.NewEncoder(w).Encode(d.waiting) })
}
