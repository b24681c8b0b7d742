package fault

var consumers = []Strategy{}
