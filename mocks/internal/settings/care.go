package settings

func careTable() []Setting {
	return []Setting{
		{Name: "care-default", Kind: Text, Default: "granted", Values: []string{"granted", "denied"}, PerTenant: true,
			Help: "informed consent and therapeutic relation where nothing is recorded"},
	}
}
