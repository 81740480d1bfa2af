from types import SimpleNamespace

from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy

from mobilepose_ros import silence

BEST_EFFORT = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
RELIABLE = QoSProfile(depth=1)


def explanation(topic, seconds, publishers, qos, image_type=silence.IMAGE_TYPE):
    return silence.explanation(topic, seconds, publishers, qos, image_type)


def camera(topic_type="sensor_msgs/msg/Image", qos=RELIABLE):
    return SimpleNamespace(
        node_name="camera", node_namespace="/front", topic_type=topic_type, qos_profile=qos
    )


def test_without_a_publisher_the_remapping_is_suggested():
    text = explanation("/image", 5.2, [], RELIABLE)

    assert "no image on /image for 5 s; it has 0 publisher(s)" in text
    assert "image:=/camera/image_raw" in text


def test_a_publisher_of_another_type_is_named():
    text = explanation("/image", 5, [camera("sensor_msgs/msg/CompressedImage")], BEST_EFFORT)

    assert "1 publisher(s)" in text
    assert (
        "/front/camera publishes sensor_msgs/msg/CompressedImage, expected sensor_msgs/msg/Image"
        in text
    )


def test_advice_on_a_publisher_of_another_type_is_given_where_known():
    remedies = {silence.COMPRESSED_TYPE: "image:=/b with image_transport:=compressed"}

    text = silence.explanation(
        "/b/compressed",
        5,
        [camera(silence.COMPRESSED_TYPE)],
        BEST_EFFORT,
        silence.IMAGE_TYPE,
        remedies=remedies,
    )

    assert text.endswith(", expected sensor_msgs/msg/Image: " + remedies[silence.COMPRESSED_TYPE])


def test_qos_that_does_not_match_is_explained():
    text = explanation("/image", 5, [camera(qos=BEST_EFFORT)], RELIABLE)

    assert "the QoS of /front/camera is incompatible: " in text
    assert "reliab" in text.lower()


def test_the_durability_is_compared_too():
    latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)

    text = explanation("/image", 5, [camera(qos=RELIABLE)], latched)

    assert "olatile publisher and transient local subscription" in text


def test_a_matching_but_silent_camera_has_its_own_message():
    text = explanation("/image", 5, [camera()], BEST_EFFORT)

    assert "/front/camera matches but sends nothing" in text


def test_what_is_missing_and_what_to_look_at_may_be_another_thing_than_images():
    text = silence.explanation(
        "/boxes", 5, [], RELIABLE, "package/msg/Boxes", what="boxes", hint="is it there?"
    )

    assert text.startswith("no boxes on /boxes for 5 s; it has 0 publisher(s): is it there? ")
