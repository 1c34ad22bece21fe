CREATE TABLE tutors (
    id ID_COLUMN,
    name TEXT NOT NULL,
    subject TEXT NOT NULL,
    hourly_rate BIGINT NOT NULL
);

CREATE TABLE bookings (
    id ID_COLUMN,
    tutor_id BIGINT NOT NULL REFERENCES tutors (id),
    student_id TEXT NOT NULL,
    starts_at BIGINT NOT NULL,
    minutes BIGINT NOT NULL,
    status TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE INDEX bookings_by_status ON bookings (status, id);

-- A tutor teaches one lesson at a time, but a slot that was given up is free again
CREATE UNIQUE INDEX bookings_one_per_slot ON bookings (tutor_id, starts_at)
    WHERE status IN ('pending', 'approved', 'in_progress');

CREATE TABLE payments (
    id ID_COLUMN,
    booking_id BIGINT NOT NULL REFERENCES bookings (id),
    payment_key TEXT NOT NULL,
    amount BIGINT NOT NULL,
    refunded BIGINT NOT NULL,
    status TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- A booking is paid once, however often paying for it failed
CREATE UNIQUE INDEX payments_one_per_booking ON payments (booking_id) WHERE status <> 'failed';

CREATE TABLE reviews (
    id ID_COLUMN,
    booking_id BIGINT NOT NULL UNIQUE REFERENCES bookings (id),
    tutor_id BIGINT NOT NULL REFERENCES tutors (id),
    rating BIGINT NOT NULL,
    comment TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE INDEX reviews_by_tutor ON reviews (tutor_id, rating);

CREATE TABLE attendance (
    id ID_COLUMN,
    booking_id BIGINT NOT NULL UNIQUE REFERENCES bookings (id),
    status TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
