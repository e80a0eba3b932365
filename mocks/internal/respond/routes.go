package respond

import (
	"cmp"
	"slices"

	"github.com/gorilla/mux"
)

// Walk lists all operations on a router, sorted by path and method.
func Walk(root *mux.Router) ([]Route, error) {
	var out []Route
	err := root.Walk(func(route *mux.Route, _ *mux.Router, _ []*mux.Route) error {
		e, ok := route.GetHandler().(*endpoint)
		if !ok {
			return nil
		}
		path, err := route.GetPathTemplate()
		if err != nil {
			return err
		}
		for method, op := range e.methods {
			out = append(out, Route{Service: e.service.Name, Operation: op.name, Method: method, Path: path})
		}
		return nil
	})
	slices.SortFunc(out, func(a, b Route) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method))
	})
	return out, err
}
