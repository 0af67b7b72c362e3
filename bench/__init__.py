"""Benchmarks: one line a figure, `name value unit`; every comparison alternates within one run."""
