"""The language of plan files, without a database: what a file may say, what is wrong with it, how it is merged.

sections: what a section is, what a document is, and what a problem is
names: how people call what an id stands for, and what they meant by a word that is none
header: what stands at the head of a file: key, name, time zone, dates, working hours, channels
types: durations, days, hours, moments and lists as the values of a plan file
times: durations, days, times of day, zones and moments as people write and read them
notations: days, times and durations as others write them, and how a plan file has them
ends: until when something lasts, as people type it in Slack
expressions: every who-expression of a plan, found by its type
timetable: when each moment of the plan is, and whether it is possible, in order and on the day it names
calendar: everything that happens in a plan, in order, and how that is written out
yaml_tree, yaml_reader: the text of a plan file, what is wrong with it as YAML, its plain values
yaml_writer: values as YAML that a person would write, and changes at their place in the text
groups: sections that are written in groups with `for`
paths: what stands at a path, how to put it there, and the keys by which items of lists go
check: reads a plan and finds all that is wrong with it
report: what a check found, told to people, programs and code review
type_errors: what is no valid type, in the words of an author
clashes: who would be in two places at once or asked at night, and what has two times
placeholders: what a template left to be written
lengths: texts that are longer than Slack shows
task_sets: ids, ranges, patterns and filters that name tasks
needs: what waits for what, in a circle or too late
diff: the difference between two versions, place by place and in words
merge: what people changed and what a new file changes, put together
export: the plan as it stands as a file
shift: what moves when a plan slips by some days
json_schema: the format for editors
"""
