INSERT INTO tutors (name, subject, hourly_rate) VALUES
    ('Kim Minji', 'mathematics', 45000),
    ('Lee Junho', 'english', 40000),
    ('Park Seoyeon', 'physics', 52000),
    ('Choi Dohyun', 'chemistry', 50000),
    ('Jung Haeun', 'korean', 38000),
    ('Kang Jiwoo', 'biology', 47000),
    ('Yoon Taeyang', 'programming', 60000),
    ('Lim Sua', 'essay writing', 42000);
