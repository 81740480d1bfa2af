// Logs what each person does.

#include <memory>

#include "mobilepose_msgs/msg/person_array.hpp"
#include "person_text.hpp"
#include "rclcpp/rclcpp.hpp"

class PeopleSubscriber : public rclcpp::Node
{
public:
  PeopleSubscriber()
  : Node("people_subscriber")
  {
    // Best effort with the newest message alone: a log line that is late is of no use.
    const auto newest = rclcpp::QoS(1).best_effort();
    people_ = create_subscription<mobilepose_msgs::msg::PersonArray>(
      "mobilepose/people", newest,
      [this](const mobilepose_msgs::msg::PersonArray & array) {
        for (const auto & person : array.people) {
          RCLCPP_INFO(get_logger(), "%s", person_text(person).c_str());
        }
      });
  }

private:
  rclcpp::Subscription<mobilepose_msgs::msg::PersonArray>::SharedPtr people_;
};

int main(int argc, char ** argv)
{
  rclcpp::init(argc, argv);
  rclcpp::spin(std::make_shared<PeopleSubscriber>());
  rclcpp::shutdown();
}
