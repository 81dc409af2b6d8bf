package serve

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"codegraph/internal/serve/store"
)

// metrics are what Prometheus reads.
type metrics struct {
	registry *prometheus.Registry
	runs     *prometheus.CounterVec
	seconds  prometheus.Histogram
	images   prometheus.Counter
	bytes    prometheus.Counter
	requests *prometheus.CounterVec
	latency  *prometheus.HistogramVec
}

func newMetrics(s *Server) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		runs:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "codegraph_runs_total", Help: "Runs that ended, by how they did."}, []string{"status"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "codegraph_run_seconds", Help: "Time that runs took that are done.", Buckets: prometheus.ExponentialBuckets(1, 2, 14)}),
		images:   prometheus.NewCounter(prometheus.CounterOpts{Name: "codegraph_images_scored_total", Help: "Images scored by runs that are done."}),
		bytes:    prometheus.NewCounter(prometheus.CounterOpts{Name: "codegraph_upload_bytes_total", Help: "Bytes of uploads read."}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "codegraph_http_requests_total", Help: "Requests, by route and status."}, []string{"route", "code"}),
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "codegraph_http_request_seconds", Help: "Time to answer requests, by route.", Buckets: prometheus.ExponentialBuckets(0.001, 4, 9)}, []string{"route"}),
	}
	waiting := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "codegraph_queue_runs", Help: "Runs that wait."}, func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		n, err := s.store.Waiting(ctx)
		if err != nil {
			s.log.Error("count the queue", "error", err)
		}
		return float64(n)
	})
	m.registry.MustRegister(m.runs, m.seconds, m.images, m.bytes, m.requests, m.latency, waiting,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, status := range []store.Status{store.Done, store.Failed, store.Cancelled, store.Interrupted} {
		m.runs.WithLabelValues(string(status))
	}
	return m
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// ended counts a run that ended.
func (m *metrics) ended(r store.Run, took time.Duration) {
	m.runs.WithLabelValues(string(r.Status)).Inc()
	if r.Status == store.Done {
		m.seconds.Observe(took.Seconds())
		m.images.Add(float64(r.Images))
	}
}

// answered counts a request.
func (m *metrics) answered(route string, code int, took time.Duration) {
	m.requests.WithLabelValues(route, strconv.Itoa(code)).Inc()
	m.latency.WithLabelValues(route).Observe(took.Seconds())
}
