"""The language of plan files, without a database: what a file may say, what is wrong with it, how it is merged.

sections: what a section is, what a document is, and what a problem is
types: durations, days, hours, moments and lists as the values of a plan file
times: durations, days, times of day and zones as people write and read them
moments: fixed moments, those reckoned from a date, and those in a week of the plan
frame: what a file says of the plan as a whole
yaml_tree, yaml_reader: the text of a plan file, what is wrong with it, its plain values
groups: sections that are written in groups with `for`
values: plain values, the keys of items, and what stands at a path
check: reads a plan, finds all that is wrong with it, and tells that
checks: what must hold between sections: moments, and who is where when
type_errors: what is no valid type, in the words of an author
json_schema: the format for editors
task_sets: ids, ranges, patterns and filters that name tasks
names: how people call what an id stands for
needs: what waits for what, in a circle or too late
merge, diff: two changes to one plan, and the difference in words
patch: a change at its place in the text, as YAML that a person would write
export: the plan as it stands as a file
shift: what moves when a plan slips by some days
calendar: everything that happens, and when
"""
