package terminology

import "github.com/gorilla/mux"

func (s *Service) mountNative(root *mux.Router)      {}
func (s *Service) mountSyndication(root *mux.Router) {}
