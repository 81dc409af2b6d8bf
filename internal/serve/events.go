package serve

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// heartbeat keeps a quiet stream open.
const heartbeat = 15 * time.Second

// events streams what changes as server-sent events: "run" with a run, "judged" with
// the id of one whose answers were judged, and "progress" with how far the one under
// way is. A client reads the history
// once it is connected, and misses nothing.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	rc := http.NewResponseController(w)
	rc.SetReadDeadline(time.Time{}) // the stream outlives any
	l := s.hub.listen()
	defer l.close()
	w.Header().Set("Content-Type", "text/event-stream")
	send := func(text string) bool {
		rc.SetWriteDeadline(time.Now().Add(readTime))
		_, err := fmt.Fprint(w, text)
		return err == nil && rc.Flush() == nil
	}
	if !send("retry: 1000\n\n") {
		return
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		select {
		case <-r.Context().Done():
			return
		case <-s.stopping:
			return
		case <-beat.C:
			if !send(": still here\n\n") {
				return
			}
		case <-l.wake:
			for _, e := range l.take() {
				if !send(e.text()) {
					return
				}
			}
			// Progress comes a thousand times a second; nobody reads so fast.
			select {
			case <-time.After(100 * time.Millisecond):
			case <-r.Context().Done():
			}
		}
	}
}

// text is the event as it is sent. JSON has no line break.
func (e event) text() string {
	name, value := "progress", any(e.Progress)
	switch {
	case e.Run != nil:
		name, value = "run", e.Run
	case e.Judged != "":
		name, value = "judged", map[string]string{"run": e.Judged}
	}
	data, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("event: %s\ndata: %s\n\n", name, data)
}
