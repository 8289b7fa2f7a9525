#include "base/work_queue.h"

#include <pthread.h>

#include <condition_variable>
#include <deque>
#include <set>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/concat.h"
#include "base/synchronized.h"

namespace base {

namespace {

struct Item {
  uint64_t number;
  std::function<void()> work;
};

struct State {
  // Work not yet begun. A key is present while it has any, or while its work is being done.
  std::unordered_map<std::string, std::deque<Item>> waiting;
  // Keys that have work and on which no thread works, in the order in which they became so.
  std::deque<std::string> ready;
  // The numbers of all work that is not done, so that drain() need not wait for what is added later.
  std::set<uint64_t> open;
  uint64_t next_number = 0;
  bool stopping = false;
};

}  // namespace

struct KeyedQueue::Impl {
  Synchronized<State> state;
  std::condition_variable work_added;
  std::condition_variable work_done;
  std::vector<std::thread> threads;

  // One thread's life: the oldest work of the key that has waited longest, again and again.
  void serve() {
    auto locked = state.lock();
    while (true) {
      locked.wait(work_added, [&] { return locked->stopping || !locked->ready.empty(); });
      if (locked->stopping) return;
      const std::string key = std::move(locked->ready.front());
      locked->ready.pop_front();
      std::deque<Item>& of_key = locked->waiting[key];
      Item item = std::move(of_key.front());
      of_key.pop_front();

      locked.unlock();
      item.work();
      // What the work holds goes before the queue says that it is done.
      item.work = nullptr;
      locked.relock();

      locked->open.erase(item.number);
      const auto found = locked->waiting.find(key);
      if (found->second.empty()) {
        locked->waiting.erase(found);
      } else {
        locked->ready.push_back(key);
        work_added.notify_one();
      }
      work_done.notify_all();
    }
  }
};

KeyedQueue::KeyedQueue(const std::string& name, size_t threads) : impl_(std::make_unique<Impl>()) {
  constexpr size_t kNameLimit = 15;
  for (size_t i = 0; i < threads; ++i) {
    std::thread& thread = impl_->threads.emplace_back([impl = impl_.get()] { impl->serve(); });
    const std::string number = concat("-", i);
    ::pthread_setname_np(thread.native_handle(), concat(name.substr(0, kNameLimit - number.size()), number).c_str());
  }
}

KeyedQueue::~KeyedQueue() {
  impl_->state.with([](State& state) { state.stopping = true; });
  impl_->work_added.notify_all();
  for (std::thread& thread : impl_->threads) thread.join();
}

void KeyedQueue::add(const std::string& key, std::function<void()> work) {
  auto locked = impl_->state.lock();
  const uint64_t number = locked->next_number++;
  locked->open.insert(number);
  const auto [of_key, is_new] = locked->waiting.try_emplace(key);
  of_key->second.push_back({number, std::move(work)});
  if (!is_new) return;
  locked->ready.push_back(key);
  locked.unlock();
  impl_->work_added.notify_one();
}

void KeyedQueue::drain() {
  auto locked = impl_->state.lock();
  const uint64_t end = locked->next_number;
  locked.wait(impl_->work_done, [&] { return locked->open.empty() || *locked->open.begin() >= end; });
}

}  // namespace base
