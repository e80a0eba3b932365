package settings

func terminologyTable() []Setting {
	return nil
}
