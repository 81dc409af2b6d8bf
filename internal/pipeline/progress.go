package pipeline

import (
	"time"

	"codegraph/internal/option"
)

// Timing is the time that phases took, in the order in which they first began.
type Timing []PhaseTime

// Add returns t with more time for a phase.
func (t Timing) Add(phase option.Phase, took time.Duration) Timing {
	out := append(Timing(nil), t...)
	for k := range out {
		if out[k].Phase == phase {
			out[k].Duration += took
			return out
		}
	}
	return append(out, PhaseTime{phase, took})
}

// Join returns t with all that u took.
func (t Timing) Join(u Timing) Timing {
	for _, p := range u {
		t = t.Add(p.Phase, p.Duration)
	}
	return t
}

// Time returns t with the time that work takes, and its error.
func (t Timing) Time(phase option.Phase, work func() error) (Timing, error) {
	start := time.Now()
	err := work()
	return t.Add(phase, time.Since(start)), err
}
