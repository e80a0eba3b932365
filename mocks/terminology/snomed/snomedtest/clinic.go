package snomedtest

// Clinic is an invented terminology: disorders with site and shape, body parts with sides, products with numbers.
const Clinic = `
Root#138875005
Linkage concept#106237007 < Root
Model attribute#410662002 < Linkage concept
Site < Model attribute
Precise site < Site
Shape < Model attribute
Cause < Model attribute
Laterality#272741003 < Model attribute
Count < Model attribute
Strength < Model attribute
Reference set#900000000000455006 < Root
Sided#723264001 < Reference set
Other set < Reference set
Side < Root
Left < Side
Right < Side
Body part < Root
Gland < Body part
Pancreas < Gland
Tail of pancreas < Pancreas
Hand < Body part
Form < Root
Swelling < Form
Hardening < Form
Event < Root
Fall < Event
Product < Root
Old- < Root
Finding < Root
Disorder < Finding
Gland disorder* < Disorder : {Site=Gland}
Pancreas disorder* < Gland disorder : {Site=Pancreas}
Swollen gland* < Gland disorder : {Site=Gland, Shape=Swelling}
Hard pancreas* < Pancreas disorder : {Site=Pancreas, Shape=Hardening}
Pancreatitis < Pancreas disorder : {Site=Pancreas, Shape=Swelling}
Rash < Disorder : {Site=Hand}
Type A < Pancreatitis : {Site=Pancreas, Shape=Swelling}
Mumps < Disorder : {Site=Gland, Shape=Swelling} {Site=Pancreas}
^Sided : Hand
^Other set : Mumps, Rash
`

// Model is the concept model of that terminology.
const Model = `
domain Site | Finding | 1 | 0..* | 0..1
domain Shape | Finding | 1 | 0..* | 0..1
domain Cause | Finding | 1 | 0..* | 0..1
domain Cause | Event | 1 | 0..* | 0..1
domain Laterality | Sided | 0 | 0..1 | 0..0
domain Count | Product | 0 | 0..1 | 0..0
domain Strength | Product | 1 | 0..* | 0..1
range Site | << [Body part]
range Shape | << [Form]
range Cause | << [Finding] OR << [Event]
range Laterality | << [Side] |Side|
range Count | int(>#0..)
range Strength | dec(>#0..#1000)
`
