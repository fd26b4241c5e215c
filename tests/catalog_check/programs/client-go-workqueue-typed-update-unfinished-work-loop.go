//leakgate:module k8s.io/client-go@v0.32.0

package main

import "k8s.io/client-go/util/workqueue"

// The loop runs only where somebody collects metrics, as every controller binary does.
func start() {
	workqueue.NewTypedWithConfig(workqueue.TypedQueueConfig[string]{Name: "x", MetricsProvider: provider{}})
}

type metric struct{}

func (metric) Inc()            {}
func (metric) Dec()            {}
func (metric) Set(float64)     {}
func (metric) Observe(float64) {}

type provider struct{}

func (provider) NewDepthMetric(string) workqueue.GaugeMetric            { return metric{} }
func (provider) NewAddsMetric(string) workqueue.CounterMetric           { return metric{} }
func (provider) NewLatencyMetric(string) workqueue.HistogramMetric      { return metric{} }
func (provider) NewWorkDurationMetric(string) workqueue.HistogramMetric { return metric{} }
func (provider) NewUnfinishedWorkSecondsMetric(string) workqueue.SettableGaugeMetric {
	return metric{}
}
func (provider) NewLongestRunningProcessorSecondsMetric(string) workqueue.SettableGaugeMetric {
	return metric{}
}
func (provider) NewRetriesMetric(string) workqueue.CounterMetric { return metric{} }
