"use strict";
// Every sentence of the page, English at source.
const WORDS = {
  en: {
    playground: "playground", tools: "Tools", customer: "Customer", desk: "Agent's view", shop: "Shop and inbox", name: "Your name",
    phone: "Phone", open: "Open conversation", fresh: "New conversation", write: "Write a message…", sendLabel: "Send",
    replyHint: "Reply as the agent…", note: "Private note", reply: "Reply", take_over: "Take over", hand_back: "Hand back to the bot",
    resolve: "Resolve", lab: "Break things", posts: "Bot posts that fail", mode: "How", code: "Status",
    refuse: "refused, not stored", store_then_error: "stored, then error", store_then_hang: "stored, then silence", store_then_drop: "stored, then cut off",
    duplicates: "Webhooks sent twice", reorder: "Webhooks turned around", arm: "Arm", heal: "All well again",
    close_window: "Close the 24-hour window", open_window: "Open the 24-hour window", log: "Event log",
    status_pending: "With the bot", status_open: "With people", status_resolved: "Resolved", status_snoozed: "Snoozed",
    typing: "typing…", online: "online", nobody: "not started", bot: "Bot", you: "You", noteOf: "Private note",
    lost: "The playground does not answer. Is it running?", armed: "Still to come: {posts} failing posts, {dup} duplicates, {reorder} out of order.",
    calm: "Nothing is broken on purpose.", windowShut: "The 24-hour window is closed: the shop may not write.",
    nobot: "No bot answers this inbox yet: enroll a tenant first (make up does it).", start: "Choose a shop, say who you are, and write. The bot answers here.",
    undelivered: "not delivered", sent: "sent", delivered: "delivered", read: "read", failed: "failed", assignee: "Agent: {name}", labels: "Labels: {names}", team: "Team: {name}",
    empty: "The conversation appears here the way an agent sees it.", guest: "Ana Souza"
  },
  pt: {
    playground: "área de testes", tools: "Ferramentas", customer: "Cliente", desk: "Visão do atendente", shop: "Loja e caixa de entrada", name: "Seu nome",
    phone: "Telefone", open: "Abrir conversa", fresh: "Nova conversa", write: "Escreva uma mensagem…", sendLabel: "Enviar",
    replyHint: "Responder como atendente…", note: "Nota privada", reply: "Responder", take_over: "Assumir", hand_back: "Devolver ao robô",
    resolve: "Resolver", lab: "Provocar falhas", posts: "Envios do robô que falham", mode: "Como", code: "Status",
    refuse: "recusado, não gravado", store_then_error: "gravado, depois erro", store_then_hang: "gravado, depois silêncio", store_then_drop: "gravado, depois conexão cortada",
    duplicates: "Webhooks em dobro", reorder: "Webhooks fora de ordem", arm: "Armar", heal: "Tudo normal",
    close_window: "Fechar a janela de 24 horas", open_window: "Abrir a janela de 24 horas", log: "Registro de eventos",
    status_pending: "Com o robô", status_open: "Com pessoas", status_resolved: "Resolvida", status_snoozed: "Adiada",
    typing: "digitando…", online: "online", nobody: "não iniciada", bot: "Robô", you: "Você", noteOf: "Nota privada",
    lost: "A área de testes não responde. Ela está no ar?", armed: "Ainda por vir: {posts} envios com falha, {dup} em dobro, {reorder} fora de ordem.",
    calm: "Nada está quebrado de propósito.", windowShut: "A janela de 24 horas está fechada: a loja não pode escrever.",
    nobot: "Nenhum robô atende esta caixa ainda: conecte um tenant antes (make up faz isso).", start: "Escolha a loja, diga quem é você e escreva. O robô responde aqui.",
    undelivered: "não entregue", sent: "enviada", delivered: "entregue", read: "lida", failed: "falhou", assignee: "Atendente: {name}", labels: "Etiquetas: {names}", team: "Equipe: {name}",
    empty: "A conversa aparece aqui como o atendente a vê.", guest: "Ana Souza"
  }
};
