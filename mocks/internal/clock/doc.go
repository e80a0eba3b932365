// Package clock is the only place that reads the machine's time.
//
// Every tenant owns one Clock: it drives the Date header, token life, transit
// boxes and the state changes of prescriptions. A clock runs with the machine
// ("real"), runs with an offset, or stands still ("frozen"). Wall, After and
// Sleep are for real waiting: time-outs, delays of injected faults, sweeps.
package clock
