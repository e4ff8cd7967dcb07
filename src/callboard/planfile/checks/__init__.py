"""What must hold between the sections of a plan file.

ids: every id is one, and nothing has the id of another
moments: every moment is possible, in order, and on the weekday it names
clashes: nobody is in two places at once or asked at night, and nothing is at two times
"""
