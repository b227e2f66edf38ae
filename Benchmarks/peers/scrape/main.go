// SPDX-License-Identifier: Apache-2.0

// Writes 5,000 samples as text with client_golang, again and again, and prints how long each time took, in nanoseconds: the
// same series as LibraryBenchmark's.
package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
)

func main() {
	rounds := 100
	if len(os.Args) > 1 {
		rounds, _ = strconv.Atoi(os.Args[1])
	}
	registry := prometheus.NewRegistry()
	histogram := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "http_server_request_duration_seconds", Help: "How long requests took.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .075, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10},
	}, []string{"http_request_method", "http_route", "http_response_status_code"})
	counter := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "requests_total", Help: "Requests."}, []string{"method", "path"})
	registry.MustRegister(histogram, counter)
	for index := 0; index < 2500/19; index++ {
		series := histogram.WithLabelValues("GET", fmt.Sprintf("/api/v1/products/{id}/%d", index), "200")
		for value := 0; value < 100; value++ {
			series.Observe(float64(value) * 0.01)
		}
	}
	for index := 0; index < 2500; index++ {
		counter.WithLabelValues("GET", fmt.Sprintf("/path/%d", index)).Add(float64(index))
	}
	var buffer bytes.Buffer
	for round := 0; round < rounds; round++ {
		begin := time.Now()
		buffer.Reset()
		families, err := registry.Gather()
		if err != nil {
			panic(err)
		}
		encoder := expfmt.NewEncoder(&buffer, expfmt.FmtText)
		for _, family := range families {
			if err := encoder.Encode(family); err != nil {
				panic(err)
			}
		}
		fmt.Println(time.Since(begin).Nanoseconds())
	}
}
