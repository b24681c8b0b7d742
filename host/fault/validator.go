package fault

var validators = []Strategy{}
